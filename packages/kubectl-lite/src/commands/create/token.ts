import type { KubeObject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { printerFor, printFlags } from '../../printers/print-flags.js'
import { resourcePath } from '../../resolve/paths.js'
import { nameOf } from './generator.js'

export const token = defineCommand({
  usage: 'token SERVICE_ACCOUNT_NAME [options]',
  summary: 'Request a service account token',
  flags: {
    ...printFlags,
    audience: flag.array('Audience of the requested token.'),
    boundObjectKind: flag.string('Kind of an object to bind the token to.'),
    boundObjectName: flag.string('Name of an object to bind the token to.'),
    boundObjectUid: flag.string('UID of an object to bind the token to.'),
    duration: flag.duration('Requested lifetime of the issued token.'),
  },
  async run(session, invocation) {
    const { flags } = invocation
    const name = nameOf(invocation)
    refuseUnfit(flags)
    const kinds = ['Node', 'Pod', 'Secret']
    if (flags.boundObjectKind !== '' && !kinds.includes(flags.boundObjectKind)) {
      throw new CommandError(`supported --bound-object-kind values are ${kinds.join(', ')}`)
    }
    if (flags.boundObjectKind !== '' && flags.boundObjectName === '') {
      throw new CommandError('--bound-object-name is required if --bound-object-kind is provided')
    }
    const accounts = { group: '', version: 'v1', resource: 'serviceaccounts', namespaced: true }
    const bound = {
      kind: flags.boundObjectKind,
      apiVersion: 'v1',
      name: flags.boundObjectName,
      ...(flags.boundObjectUid === '' ? {} : { uid: flags.boundObjectUid }),
    }
    const body = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: {
        audiences: flags.audience.length > 0 ? flags.audience : null,
        expirationSeconds: flags.duration > 0 ? flags.duration / 1000 : null,
        boundObjectRef: flags.boundObjectKind === '' ? null : bound,
      },
    }
    const path = resourcePath(accounts, session.namespace, name, 'token')
    let answer: KubeObject
    try {
      answer = await session.rest.object({ method: 'POST', path, body })
    } catch (error) {
      throw new CommandError(`failed to create token: ${(error as Error).message}`, {
        cause: error,
      })
    }
    if (flags.output === '') {
      session.line((answer.status as { token: string }).token)
      return
    }
    session.out.stdout((await printerFor({ ...flags, keepOrder: true })).print(answer))
  },
})

function refuseUnfit(flags: {
  readonly audience: readonly string[]
  readonly boundObjectKind: string
  readonly boundObjectName: string
  readonly boundObjectUid: string
  readonly duration: number
}): void {
  if (flags.duration < 0) {
    throw new CommandError('--duration must be greater than or equal to 0')
  }
  if (flags.duration % 1000 !== 0) {
    throw new CommandError('--duration cannot be expressed in units less than seconds')
  }
  if (flags.audience.includes('')) {
    throw new CommandError('--audience must not be an empty string')
  }
  if (flags.boundObjectKind !== '') return
  for (const [part, value] of [
    ['name', flags.boundObjectName],
    ['uid', flags.boundObjectUid],
  ]) {
    if (value !== '') {
      throw new CommandError(
        `--bound-object-${part} can only be set if --bound-object-kind is provided`,
      )
    }
  }
}

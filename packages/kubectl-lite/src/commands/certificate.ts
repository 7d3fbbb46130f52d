import { type CertificateSigningRequest, formatTime, type KubeObject } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError, throwCollected } from '../errors/errors.js'
import { printFlags } from '../printers/print-flags.js'
import { resourcePath } from '../resolve/paths.js'
import { resolveInfos } from '../resolve/resolve.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

const REQUESTS = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  namespaced: false,
}

interface Decision {
  /** `approve` */
  readonly verb: string
  /** What is added to the request, and what must not be there. */
  readonly type: 'Approved' | 'Denied'
  readonly other: 'Approved' | 'Denied'
  readonly reason: string
  readonly message: string
}

const APPROVE: Decision = {
  verb: 'approve',
  type: 'Approved',
  other: 'Denied',
  reason: 'KubectlApprove',
  message: 'This CSR was approved by kubectl certificate approve.',
}
const DENY: Decision = {
  verb: 'deny',
  type: 'Denied',
  other: 'Approved',
  reason: 'KubectlDeny',
  message: 'This CSR was denied by kubectl certificate deny.',
}

const decide = (decision: Decision) =>
  defineCommand({
    usage: `${decision.verb} (-f FILENAME | NAME) [options]`,
    summary: `${decision.verb === 'approve' ? 'Approve' : 'Deny'} a certificate signing request`,
    flags: {
      ...fileFlags,
      ...printFlags,
      force: flag.bool('Update the CSR even if it is already decided.'),
    },
    async run(session, { args, flags }) {
      if (args.length === 0 && flags.filename.length === 0) {
        throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>')
      }
      const print = await resultPrinter(session, flags, 'none')
      const names = args.length > 0 ? ['csr', ...args] : []
      const visited = await resolveInfos(session, {
        ...fileTargets(flags),
        args: names,
        latest: true,
      })
      throwCollected(visited.errors)
      for (const { object, name } of visited.infos) {
        const now = formatTime(session.clock.now())
        const decided = decidedForm(object, decision, flags.force, now)
        const path = resourcePath(REQUESTS, undefined, name, 'approval')
        const done = decision.type.toLowerCase()
        if (!decided) print(object, done)
        else print(await session.rest.object({ method: 'PUT', path, body: decided }), done)
      }
    },
  })

/** The request with the decision; undefined when it has been made before. */
function decidedForm(
  object: KubeObject,
  { type, other, reason, message }: Decision,
  force: boolean,
  now: string,
): KubeObject | undefined {
  const request = object as unknown as CertificateSigningRequest
  const conditions = request.status?.conditions ?? []
  if (conditions.some((one) => one.type === other)) {
    throw new CommandError(
      `certificate signing request ${JSON.stringify(request.metadata.name)} is already ${other}`,
    )
  }
  const isMade = conditions.some((one) => one.type === type)
  if (isMade && !force) return undefined
  const rest = conditions.filter((one) => one.type !== type)
  const made = { type, status: 'True', reason, message, lastUpdateTime: now }
  return {
    ...object,
    status: { ...request.status, conditions: [...rest, made] },
  } as unknown as KubeObject
}

export const certificate = defineCommand({
  usage: 'certificate SUBCOMMAND [options]',
  summary: 'Modify certificate resources',
  long: 'Modify certificate resources.',
  flags: {},
  showsHelp: true,
  subcommands: [
    {
      name: 'approve',
      summary: 'Approve a certificate signing request',
      load: async () => decide(APPROVE),
    },
    {
      name: 'deny',
      summary: 'Deny a certificate signing request',
      load: async () => decide(DENY),
    },
  ],
})

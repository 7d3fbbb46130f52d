import type { Container, EnvVar, KubeObject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError, throwCollected } from '../../errors/errors.js'
import { resourceName } from '../../resolve/info.js'
import { resourcePath } from '../../resolve/paths.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { envNameProblems } from '../../workload/env-name.js'
import { podSpecOf, selectContainers } from '../../workload/pod-template.js'
import { fileTargets } from '../file-flags.js'
import { specOf } from './image.js'
import { requireTargets, splitAtChanges, updateFlags, updateObjects } from './update-objects.js'

export const setEnv = defineCommand({
  usage: 'env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [options]',
  summary: 'Update environment variables on a pod template',
  examples: ['kubectl set env deployment/web COLOR=blue', 'kubectl set env deployment/web --list'],
  flags: {
    ...updateFlags,
    containers: flag.string(
      'The names of containers in the selected pod templates to change - may use wildcards',
      {
        short: 'c',
        default: '*',
      },
    ),
    env: flag.array(
      'Specify a key-value pair for an environment variable to set into each container.',
      {
        short: 'e',
      },
    ),
    from: flag.string('The name of a resource from which to inject environment variables'),
    keys: flag.slice('Comma-separated list of keys to import from specified resource'),
    list: flag.bool('If true, display the environment and any changes in the standard format.'),
    overwrite: flag.bool(
      'If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.',
      {
        default: true,
      },
    ),
    prefix: flag.string('Prefix to append to variable names'),
    resolve: flag.bool('If true, show secret or configmap references when listing variables'),
  },
  async run(session, { args, flags }) {
    const isChange = (word: string) => word.includes('=') || word.endsWith('-')
    const { targets, changes } = splitAtChanges(args, isChange)
    requireTargets(targets, flags.filename)
    const words = [...changes, ...flags.env]
    const set = words.filter((word) => word.includes('=')).map(toVariable)
    const remove = words.filter((word) => !word.includes('=')).map((word) => word.slice(0, -1))
    if (set.some(({ name }) => remove.includes(name))) {
      throw new CommandError(
        'can not both modify and remove the same environment variable in the same command',
      )
    }
    if (flags.from !== '')
      set.push(...(await variablesFrom(session, flags.from, flags.prefix, flags.keys)))
    if (flags.list && words.length === 0 && flags.from === '') {
      return listVariables(session, targets, flags)
    }
    return updateObjects(session, targets, flags, {
      done: 'env updated',
      failure: 'failed to patch env update to pod template:',
      change(draft, info) {
        const containers = selectContainers(specOf(draft, info), flags.containers)
        if (containers.length === 0) {
          const containers = JSON.stringify(flags.containers)
          session.out.stderr(
            `Warning: ${draft.kind}/${info.name} does not have any containers matching ${containers}\n`,
          )
        }
        const prefix = resourceName(info)
        for (const container of containers) {
          changeVariables(container, { set, remove, overwrite: flags.overwrite, prefix })
        }
      },
    })
  },
})

const toVariable = (word: string): EnvVar => {
  const equals = word.indexOf('=')
  const name = word.slice(0, equals)
  const problems = envNameProblems(name)
  if (problems.length > 0) {
    throw new CommandError(`"${name}" is not a valid key name: ${problems.join(';')}`)
  }
  return { name, value: word.slice(equals + 1) }
}

interface Changes {
  readonly set: readonly EnvVar[]
  readonly remove: readonly string[]
  readonly overwrite: boolean
  /** The object, for complaints. */
  readonly prefix: string
}

function changeVariables(container: Container, { set, remove, overwrite, prefix }: Changes): void {
  const env = (container.env ?? []).filter(({ name }) => !remove.includes(name))
  for (const variable of set) {
    const at = env.findIndex(({ name }) => name === variable.name)
    if (at < 0) env.push(variable)
    else if (!overwrite) {
      throw new CommandError(
        `${prefix} '${variable.name}' already has a value (${env[at]?.value ?? ''}), and --overwrite is false`,
      )
    } else env[at] = variable
  }
  if (env.length > 0 || container.env) container.env = env
}

/** A variable for each key of a config map or secret. */
async function variablesFrom(
  session: Session,
  from: string,
  prefix: string,
  keys: readonly string[],
): Promise<EnvVar[]> {
  const { infos, errors } = await resolveInfos(session, { args: [from] })
  throwCollected(errors)
  return infos.flatMap(({ object, name }) => {
    if (object.kind !== 'ConfigMap' && object.kind !== 'Secret') {
      throw new CommandError(`unsupported resource specified in --from`)
    }
    const chosen = dataKeys(object).filter((key) => keys.length === 0 || keys.includes(key))
    return chosen.map((key) => {
      const shouted = key.replace(/[^a-zA-Z0-9_]/g, '_').toUpperCase()
      if (shouted !== key) {
        session.out.stderr(`Warning: key ${key} transferred to ${shouted}\n`)
      }
      const reference = { name, key }
      const valueFrom =
        object.kind === 'Secret' ? { secretKeyRef: reference } : { configMapKeyRef: reference }
      return { name: `${prefix}${shouted}`, valueFrom }
    })
  })
}

const dataKeys = (object: KubeObject): string[] => Object.keys((object.data as object) ?? {}).sort()

async function listVariables(
  session: Session,
  targets: readonly string[],
  flags: {
    all: boolean
    selector: string
    containers: string
    filename: readonly string[]
    kustomize: string
    recursive: boolean
    resolve: boolean
  },
): Promise<void> {
  const { all, selector } = flags
  const { infos, errors } = await resolveInfos(session, {
    ...fileTargets(flags),
    args: targets,
    all,
    selector,
    latest: true,
  })
  for (const { object, name } of infos) {
    const spec = podSpecOf(object)
    for (const container of spec ? selectContainers(spec, flags.containers) : []) {
      session.line(`# ${object.kind} ${name}, container ${container.name}`)
      for (const variable of container.env ?? []) {
        const resolved = flags.resolve ? await resolvedText(session, variable, object) : undefined
        session.line(resolved ?? variableText(variable))
      }
    }
  }
  throwCollected(errors)
}

const REFERENT = { group: '', version: 'v1', namespaced: true }

/** `NAME=value` with what the reference points at; undefined when there is nothing to ask for. */
async function resolvedText(
  session: Session,
  { name, valueFrom }: EnvVar,
  { metadata }: KubeObject,
): Promise<string | undefined> {
  const { configMapKeyRef, secretKeyRef } = valueFrom ?? {}
  const reference = configMapKeyRef ?? secretKeyRef
  if (!reference) return undefined
  const resource = secretKeyRef ? 'secrets' : 'configmaps'
  const path = resourcePath({ ...REFERENT, resource }, metadata.namespace ?? '', reference.name)
  const found = await session.rest.object({ method: 'GET', path })
  const value = ((found.data ?? {}) as Record<string, string>)[reference.key]
  if (value === undefined) {
    throw new CommandError(`key ${reference.key} not found in ${resource} ${reference.name}`)
  }
  return `${name}=${secretKeyRef ? Buffer.from(value, 'base64').toString('utf8') : value}`
}

function variableText({ name, value = '', valueFrom }: EnvVar): string {
  if (!valueFrom) return `${name}=${value}`
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom
  if (configMapKeyRef)
    return `# ${name} from configmap ${configMapKeyRef.name}, key ${configMapKeyRef.key}`
  if (secretKeyRef) return `# ${name} from secret ${secretKeyRef.name}, key ${secretKeyRef.key}`
  if (fieldRef) return `# ${name} from field path ${fieldRef.fieldPath}`
  return `# ${name} from resource field ${resourceFieldRef?.resource ?? ''}`
}

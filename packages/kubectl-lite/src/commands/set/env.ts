import type { Container, EnvVar, KubeObject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError, throwCollected } from '../../errors/errors.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
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
    if (set.length + remove.length === 0) {
      throw new CommandError('at least one environment variable must be provided')
    }
    return updateObjects(session, targets, flags, {
      done: 'env updated',
      change(draft, info) {
        const containers = selectContainers(specOf(draft, info), flags.containers)
        if (containers.length === 0) {
          throw new CommandError(
            `${draft.kind}/${info.name} does not have any containers matching ${JSON.stringify(flags.containers)}`,
          )
        }
        for (const container of containers) changeVariables(container, set, remove, flags.overwrite)
      },
    })
  },
})

const toVariable = (word: string): EnvVar => {
  const equals = word.indexOf('=')
  return { name: word.slice(0, equals), value: word.slice(equals + 1) }
}

function changeVariables(
  container: Container,
  set: readonly EnvVar[],
  remove: readonly string[],
  overwrite: boolean,
): void {
  const env = (container.env ?? []).filter(({ name }) => !remove.includes(name))
  for (const variable of set) {
    const at = env.findIndex(({ name }) => name === variable.name)
    if (at < 0) env.push(variable)
    else if (!overwrite) {
      throw new CommandError(
        `'${variable.name}' already has a value (${env[at]?.value ?? ''}), and --overwrite is false`,
      )
    } else env[at] = variable
  }
  container.env = env
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
      for (const variable of container.env ?? []) session.line(variableText(variable))
    }
  }
  throwCollected(errors)
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

import type { KubeObject } from '@miniplane/api'
import { withGenerated } from '../../apply/last-applied.js'
import { type Command, defineCommand, type Invocation } from '../../cli/command.js'
import { usageError } from '../../cli/dispatch.js'
import { type FlagSpecs, type FlagValues, flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { printFlags } from '../../printers/print-flags.js'
import type { ResourceInfo } from '../../resolve/discovery.js'
import type { Session } from '../../session/session.js'
import { sendCreate } from '../../write/write.js'
import { dryRunFlag, dryRunOf } from '../dry-run.js'
import { resultPrinter } from '../result-printer.js'
import { fieldValidationOf, validateFlag } from '../validation.js'

const commonFlags = {
  ...printFlags,
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-create',
  }),
  saveConfig: flag.bool(
    'If true, the configuration of current object will be saved in its annotation.',
  ),
  validate: validateFlag,
}

export type GeneratedResource = Pick<
  ResourceInfo,
  'group' | 'version' | 'resource' | 'kind' | 'namespaced'
>

export interface Generator<F extends FlagSpecs> {
  readonly usage: string
  readonly summary: string
  readonly examples?: readonly string[]
  readonly flags: F
  readonly resource: GeneratedResource
  /** Put before a refusal's text, such as `failed to create configmap: `; none: as it came. */
  readonly failure?: string
  /** The object to make: name, spec and so on; kind and namespace are filled in. */
  build(
    session: Session,
    name: string,
    invocation: Invocation<F>,
  ): Promise<Omit<KubeObject, 'metadata'> & { metadata?: KubeObject['metadata'] }>
}

/** A `create` subcommand that makes one object. */
export function defineGenerator<F extends FlagSpecs>(generator: Generator<F>): Command {
  return defineCommand({
    usage: generator.usage,
    summary: generator.summary,
    ...(generator.examples ? { examples: generator.examples } : {}),
    flags: { ...generator.flags, ...commonFlags },
    async run(session, invocation) {
      const flags = invocation.flags as unknown as FlagValues<typeof commonFlags>
      const dryRun = dryRunOf(flags.dryRun)
      const fieldValidation = fieldValidationOf(flags.validate)
      const name = nameOf(invocation)
      const built = await generator.build(session, name, invocation as unknown as Invocation<F>)
      const object = complete(session, generator.resource, name, built)
      const print = await resultPrinter(session, { ...flags, keepOrder: true }, dryRun)
      const saved = flags.saveConfig ? withGenerated(object) : object
      if (dryRun === 'client') return print(saved, 'created')
      const write = { dryRun, fieldManager: flags.fieldManager, fieldValidation }
      const namespace = generator.resource.namespaced ? session.namespace : ''
      const resource = generator.resource as ResourceInfo
      try {
        print(await sendCreate(session, { resource, namespace }, saved, write), 'created')
      } catch (error) {
        if (generator.failure === undefined) throw error
        throw new CommandError(generator.failure + (error as Error).message, { cause: error })
      }
    },
  })
}

export function nameOf({ args, dashAt, path }: Invocation<FlagSpecs>): string {
  const names = dashAt < 0 ? args : args.slice(0, dashAt)
  const [name] = names
  if (names.length === 1 && name !== undefined) return name
  throw usageError(path, `exactly one NAME is required, got ${names.length}`)
}

/** The words behind `--`, or behind the name. */
export const commandOf = ({ args, dashAt }: Invocation<FlagSpecs>): readonly string[] =>
  dashAt < 0 ? args.slice(1) : args.slice(dashAt)

function complete(
  session: Session,
  { group, version, kind, namespaced }: GeneratedResource,
  name: string,
  built: Omit<KubeObject, 'metadata'> & { metadata?: KubeObject['metadata'] },
): KubeObject {
  const { metadata = {}, ...rest } = built
  return {
    kind,
    apiVersion: group === '' ? version : `${group}/${version}`,
    metadata: {
      name,
      ...(namespaced && session.enforceNamespace ? { namespace: session.namespace } : {}),
      ...metadata,
    },
    ...rest,
  } as KubeObject
}

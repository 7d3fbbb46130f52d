import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { displayName, type Info, resourceName } from '../resolve/info.js'
import { fetchTarget, resolveTargets, type Target } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { type Condition, parseCondition } from '../waiting/condition.js'
import { WaitTimeout, WEEK_MS, waitUntil, waitUntilGone } from '../waiting/until.js'
import { fileFlags, fileTargets } from './file-flags.js'

const flags = {
  ...fileFlags,
  all: flag.bool('Select all resources in the namespace of the specified resource types'),
  allNamespaces: flag.bool('If present, list the requested object(s) across all namespaces.', {
    short: 'A',
  }),
  fieldSelector: flag.string("Selector (field query) to filter on, supports '=', '==', and '!='."),
  for: flag.array(
    "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]].",
  ),
  output: flag.string('Output format.', { short: 'o' }),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  timeout: flag.duration(
    "The length of time to wait before giving up. Zero means check once and don't wait, negative means wait for a week.",
    { default: 30_000 },
  ),
}

type Flags = FlagValues<typeof flags>

export const wait = defineCommand({
  usage:
    "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]] [options]",
  summary: 'Wait for a specific condition on one or many resources',
  examples: [
    'kubectl wait --for=condition=Ready pod/web',
    'kubectl wait --for=delete pod/web --timeout=60s',
  ],
  flags,
  async run(session, { args, flags }) {
    if (flags.for.length === 0) throw new CommandError('unrecognized condition: []')
    const conditions = flags.for.map(parseCondition)
    const timeoutMs = flags.timeout < 0 ? WEEK_MS : flags.timeout
    const deadline = session.clock.monotonic() + timeoutMs
    const left = () => deadline - session.clock.monotonic()
    const { targets } = await resolveTargets(session, {
      ...fileTargets(flags),
      args,
      all: flags.all,
      selector: flags.selector,
      fieldSelector: flags.fieldSelector,
      allNamespaces: flags.allNamespaces,
    })
    for (const condition of conditions) await waitFor(session, targets, condition, flags, left)
  },
})

async function waitFor(
  session: Session,
  targets: readonly Target[],
  condition: Condition,
  flags: Flags,
  left: () => number,
): Promise<void> {
  if (condition.type === 'create') await waitForCreation(session, targets, left)
  const infos = await present(session, targets, condition)
  if (infos.length === 0 && condition.type !== 'delete') {
    throw new CommandError('no matching resources found')
  }
  const errors: Error[] = []
  for (const info of infos) {
    try {
      await waitForOne(session, info, condition, flags, left())
      if (flags.output === '') session.line(`${displayName(info)} condition met`)
      else if (flags.output === 'name') session.line(displayName(info))
    } catch (error) {
      errors.push(asError(error))
    }
  }
  throwCollected(errors)
}

async function present(
  session: Session,
  targets: readonly Target[],
  condition: Condition,
): Promise<Info[]> {
  const infos: Info[] = []
  for (const target of targets) {
    try {
      infos.push(...(await fetchTarget(session, target)))
    } catch (error) {
      if (!(condition.type === 'delete' && isNotFound(error))) throw error
    }
  }
  return infos
}

async function waitForCreation(
  session: Session,
  targets: readonly Target[],
  left: () => number,
): Promise<void> {
  for (const target of targets) {
    if (target.by === 'name') {
      await waitUntil(session, target, (object) => object !== undefined, left())
    }
  }
}

async function waitForOne(
  session: Session,
  info: Info,
  condition: Condition,
  flags: Flags,
  timeoutMs: number,
): Promise<void> {
  try {
    if (condition.type === 'delete') {
      await waitUntilGone(session, info, info.object.metadata.uid, timeoutMs)
    } else if (condition.type === 'state' && !condition.isMet(info.object)) {
      // No time at all is one look and no more.
      if (flags.timeout === 0) {
        throw new CommandError(`condition not met for ${resourceName(info)}`)
      }
      await waitUntil(session, info, (object) => !!object && condition.isMet(object), timeoutMs)
    }
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error
    throw new CommandError(`${error.message} on ${resourceName(info)}`)
  }
}

import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'

export type DryRun = 'none' | 'client' | 'server'

export const dryRunFlag = flag.string(
  'Must be "none", "server", or "client". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.',
  { default: 'none', alone: 'unchanged' },
)

/** Reads `--dry-run`. Throws kubectl's complaint. */
export function dryRunOf(text: string): DryRun {
  if (text === 'none' || text === 'client' || text === 'server') return text
  // The flag alone, as it was once.
  if (text === 'unchanged') return 'client'
  throw new CommandError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`)
}

/** What stands behind `created` and its like. */
export const dryRunSuffix = (dryRun: DryRun): string =>
  dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'

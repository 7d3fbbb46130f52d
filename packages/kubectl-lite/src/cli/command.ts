import type { Session } from '../session/session.js'
import type { FlagSpecs, FlagValues } from './flags.js'

export interface Invocation<F extends FlagSpecs = FlagSpecs> {
  readonly args: readonly string[]
  readonly flags: FlagValues<F>
  /** Names (camel case) of the flags that were given. */
  readonly given: ReadonlySet<string>
  readonly dashAt: number
  /** `kubectl create configmap` */
  readonly path: string
  /** The whole tree of commands. */
  readonly root: Command
}

/** A command: what it is called and takes, and what it does. Help and completion come from this. */
export interface Command<F extends FlagSpecs = FlagSpecs> {
  readonly usage: string
  readonly summary: string
  /** Text of `--help` above the examples; the summary when absent. */
  readonly long?: string
  readonly examples?: readonly string[]
  readonly flags: F
  /** Where a group alone prints its help. */
  readonly helpOn?: 'stdout' | 'stderr'
  /** A group that is asked for what it has not got shows its help and is content. */
  readonly showsHelp?: boolean
  /** The exit code of a failure, where 1 says something else; 1 when absent. */
  readonly failureCode?: number
  readonly subcommands?: readonly CommandEntry[]
  /** Without it the command only groups its subcommands. */
  run?(session: Session, invocation: Invocation<F>): Promise<number | undefined>
}

/** A command's place in the tree; its module is loaded when somebody asks for it. */
export interface CommandEntry {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** What a command's `run` may resolve with: an exit code, or nothing for 0. */
type Outcome = Promise<number> | Promise<undefined> | Promise<number | undefined> | Promise<void>

export function defineCommand<F extends FlagSpecs>(
  command: Omit<Command<F>, 'run'> & {
    run?(session: Session, invocation: Invocation<F>): Outcome
  },
): Command {
  // The flags that a command gets are parsed by its own specs, so widening them here is safe.
  return command as unknown as Command
}

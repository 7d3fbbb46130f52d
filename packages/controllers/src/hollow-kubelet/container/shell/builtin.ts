import type { Streams } from './redirect.js'
import type { ShellState } from './state.js'
import type { List } from './syntax.js'

/** A shell, as far as its own commands need it. */
export interface Shell {
  readonly state: ShellState
  /** What goes on in the background. */
  readonly jobs: Promise<number>[]
  list(script: List, streams: Streams): Promise<number>
  /** Runs what may run itself again: functions, `eval`. Throws `ProgramError` when that goes too deep. */
  nested(run: () => Promise<number>): Promise<number>
  /** Runs a program that is none of the shell's own. */
  execute(
    args: readonly string[],
    env: ReadonlyMap<string, string>,
    streams: Streams,
  ): Promise<number>
}

/** What a shell does itself, because no other program could: most of it changes the shell. */
export type Builtin = (args: readonly string[], streams: Streams, shell: Shell) => Promise<number>

import type { Log } from '../log.js'

/** etcd's exit codes. Source: etcd, pkg/cobrautl. */
export const ExitCode = { ok: 0, error: 1, badFeature: 4, badArguments: 128 } as const

/** Ends the program with a message and a code. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = ExitCode.error, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Where a command's words go. */
export interface Output {
  /** Standard output. */
  line(text: string): void
  /** Standard error. */
  error(text: string): void
  /** How long work gets on. */
  readonly log: Log
}

export interface Flag {
  readonly type: 'string' | 'boolean' | 'count'
  readonly default: string
  /** Starts with a capital, without a full stop. */
  readonly help: string
  readonly isRequired?: boolean | undefined
  readonly shorthand?: string | undefined
}

/** What the user said about the flags; who asks for one that the command hasn't gets an error. */
export interface Flags {
  string(name: string): string
  boolean(name: string): boolean
  count(name: string): number
}

/** Help, completion and usage errors come from the data. */
export interface Command {
  /** `snapshot status` */
  readonly name: string
  readonly usage: string
  readonly summary: string
  readonly flags: Readonly<Record<string, Flag>>
  run(args: readonly string[], flags: Flags, out: Output): Promise<void>
}

/** Of every command. */
export const GLOBAL_FLAGS: Readonly<Record<string, Flag>> = {
  'write-out': {
    type: 'string',
    default: 'simple',
    shorthand: 'w',
    help: 'Set the output format (fields, json, simple, table)',
  },
}

/** The only argument of commands that take one file. */
export function onlyArgument(command: string, args: readonly string[]): string {
  const [argument] = args
  if (args.length === 1 && argument !== undefined) return argument
  throw new CommandError(`${command} requires exactly one argument`, ExitCode.badArguments)
}

import type { ByteSink } from '@miniplane/api'
import type { FileSystem } from './file-system.js'
import type { Input } from './input.js'

/** Time as a process in a container knows it. */
export interface ProcessClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Rejects with `Killed` when the process is to end meanwhile. */
  sleep(ms: number): Promise<void>
  /** Called for every step of a program that could go on for ever. Rejects with `Killed`. */
  step(): Promise<void>
}

/** What all processes of one container share. */
export interface Machine {
  readonly files: FileSystem
  readonly clock: ProcessClock
  readonly hostname: string
  readonly programs: ReadonlyMap<string, Program>
  /** How many run now. */
  readonly processes: { count: number }
}

/** A running program, and what it may touch. */
export interface Process {
  /** Its own name comes first. */
  readonly args: readonly string[]
  readonly env: ReadonlyMap<string, string>
  readonly directory: string
  readonly stdin: Input
  readonly stdout: ByteSink
  readonly stderr: ByteSink
  readonly machine: Machine
  /** Whether somebody sits at a terminal. */
  readonly isTerminal: boolean
}

/** Resolves with the exit code. */
export type Program = (process: Process) => Promise<number>

/** Thrown inside a process that has to end at once. */
export class Killed extends Error {
  override readonly name = 'Killed'

  constructor() {
    super('killed')
  }
}

/** A mistake of who runs the program: its name and this go to standard error. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** More than a container may have: the shell that wants it ends. */
export class OutOfResources extends ProgramError {
  constructor(message: string) {
    super(message, 2)
  }
}

/** What a shell ends with whose program was stopped by a broken pipe: 128 and the signal's number. */
export const BROKEN_PIPE_EXIT = 141

const encoder = new TextEncoder()

export const print = (sink: ByteSink, text: string): Promise<void> =>
  text === '' ? Promise.resolve() : sink.write(encoder.encode(text))

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

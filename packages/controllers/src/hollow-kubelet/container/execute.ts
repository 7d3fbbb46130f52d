import { BrokenPipe } from '@miniplane/api'
import { limits } from '../limits.js'
import { FileError } from './file-system.js'
import {
  BROKEN_PIPE_EXIT,
  baseName,
  type Machine,
  OutOfResources,
  type Process,
  type Program,
  ProgramError,
  print,
} from './process.js'

/** The program of that name or path; undefined when nothing of the kind can be executed. */
export function programFor(
  { programs }: Pick<Machine, 'programs'>,
  name: string,
): Program | undefined {
  const isBinPath = /^(\/usr)?(\/local)?\/s?bin\/[^/]+$/.test(name)
  if (name.includes('/') && !isBinPath) return undefined
  return programs.get(baseName(name))
}

/** Runs a program to its end. What it does wrong is said on its standard error. */
export async function execute(program: Program, process: Process): Promise<number> {
  const { processes } = process.machine
  processes.count++
  try {
    if (processes.count > limits.processesMax)
      throw new OutOfResources("can't fork: Resource temporarily unavailable")
    return await program(process)
  } catch (error) {
    if (error instanceof BrokenPipe) return BROKEN_PIPE_EXIT
    if (!(error instanceof ProgramError) && !(error instanceof FileError)) throw error
    await print(process.stderr, `${process.args[0]}: ${error.message}\n`)
    return error instanceof ProgramError ? error.exitCode : 1
  } finally {
    processes.count--
  }
}

import { BrokenPipe } from '@miniplane/api'
import { limits } from '../../limits.js'
import { FileError, resolvePath } from '../file-system.js'
import {
  BROKEN_PIPE_EXIT,
  baseName,
  type Process,
  type Program,
  ProgramError,
  print,
} from '../process.js'
import { FunctionReturn, LoopControl, ShellExit } from './control.js'
import { parseScript } from './parse.js'
import { ShellRunner } from './run.js'
import { ShellState } from './state.js'
import { type List, ShellSyntaxError } from './syntax.js'

/** `sh -c SCRIPT`, `sh FILE`, or commands from standard input, line by line. */
export const sh: Program = async (process) => {
  const { args, machine, env, directory, isTerminal } = process
  const options = optionsOf(args.slice(1))
  const [first, ...rest] = options.operands
  const isScript = options.script !== undefined
  const name = isScript ? (first ?? args[0]) : (first ?? args[0])
  const state = new ShellState({
    machine,
    env: new Map([...env, ['PWD', directory]]),
    directory,
    name: baseName(name ?? 'sh'),
    parameters: rest,
  })
  state.exported.delete('PWD')
  state.endsOnError = options.flags.includes('e')
  state.isTraced = options.flags.includes('x')
  const shell = new ShellRunner(state, isTerminal)
  if (options.script !== undefined) return runText(options.script, shell, process)
  if (first !== undefined) return runText(readScript(first, process), shell, process)
  return interact(shell, process)
}

function optionsOf(words: readonly string[]) {
  let at = 0
  let flags = ''
  for (; /^-[a-z]/.test(words[at] ?? ''); at++) {
    flags += (words[at] as string).slice(1)
    if (words[at] === '-o') at++
  }
  if (words[at] === '--') at++
  const script = flags.includes('c') ? (words[at++] ?? '') : undefined
  return { flags, script, operands: words.slice(at) }
}

function readScript(name: string, { directory, machine }: Process): string {
  try {
    return Buffer.from(machine.files.read(resolvePath(directory, name))).toString()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ProgramError(`can't open '${name}': ${error.message}`, 2)
  }
}

async function runText(text: string, shell: ShellRunner, process: Process): Promise<number> {
  let script: List
  try {
    script = parseScript(text)
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error
    throw new ProgramError(error.message, 2)
  }
  return exitOf(() => shell.list(script, process))
}

/** As a person sees it at a terminal; a script that is piped in is run in silence. */
async function interact(shell: ShellRunner, process: Process): Promise<number> {
  const { stdin, stderr, stdout, isTerminal } = process
  let pending = ''
  for (;;) {
    if (isTerminal) await print(stdout, pending === '' ? prompt(shell) : '> ')
    const line = await stdin.readLine()
    if (!line) {
      if (pending !== '') await print(stderr, `${shell.state.name}: ${unexpectedEnd}\n`)
      return pending === '' ? shell.state.exitCode : 2
    }
    pending += Buffer.from(line).toString()
    await shell.state.machine.clock.step()
    if (pending.length > limits.shellCommandBytesMax) throw new ProgramError('command too long', 2)
    try {
      const script = parseScript(pending)
      pending = ''
      const code = await leaving(() => shell.list(script, process))
      if (code !== undefined) return code
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      if (error.isIncomplete) continue
      pending = ''
      shell.state.exitCode = 2
      await print(stderr, `${shell.state.name}: ${error.message}\n`)
      if (!isTerminal) return 2
    }
  }
}

const unexpectedEnd = 'syntax error: unexpected end of file'

const prompt = ({ state }: ShellRunner): string =>
  state.name === 'bash'
    ? `root@${state.machine.hostname}:${state.directory}# `
    : `${state.directory} # `

async function exitOf(run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ShellExit || error instanceof FunctionReturn) return error.exitCode
    if (error instanceof LoopControl) return 0
    if (error instanceof BrokenPipe) return BROKEN_PIPE_EXIT
    throw error
  }
}

/** The exit code of a line that leaves the shell; undefined: it goes on. */
async function leaving(run: () => Promise<unknown>): Promise<number | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof ShellExit) return error.exitCode
    if (error instanceof FunctionReturn || error instanceof LoopControl) return undefined
    throw error
  }
}

import { BrokenPipe, BytePipe } from '@miniplane/api'
import { limits } from '../../limits.js'
import { execute, programFor } from '../execute.js'
import { FileError } from '../file-system.js'
import { Input } from '../input.js'
import { BROKEN_PIPE_EXIT, OutOfResources, ProgramError, print } from '../process.js'
import type { Shell } from './builtin.js'
import { builtins } from './builtins.js'
import { FunctionReturn, LoopControl, ShellExit } from './control.js'
import { expandText, expandWords } from './expand.js'
import { matchesPattern } from './pattern.js'
import { redirected, type Streams } from './redirect.js'
import type { ShellState } from './state.js'
import type { Command, List, Pipeline, Word } from './syntax.js'

const CALLS_MAX = 200

type Simple = Extract<Command, { kind: 'simple' }>

/** Carries out scripts. One object is one shell, with its own variables; a subshell is another. */
export class ShellRunner implements Shell {
  readonly state: ShellState
  readonly isTerminal: boolean
  /** What goes on in the background. */
  readonly jobs: Promise<number>[] = []
  #calls = 0
  /** In conditions, a failure ends no script. */
  #conditions = 0

  constructor(state: ShellState, isTerminal: boolean) {
    this.state = state
    this.isTerminal = isTerminal
  }

  /** Throws what leaves more than the list: `ShellExit`, `LoopControl`, `FunctionReturn`, `Killed`. */
  async list({ items }: List, streams: Streams): Promise<number> {
    let skips: '&&' | '||' | undefined
    for (const { pipeline, next } of items) {
      const isSkipped =
        (skips === '&&' && this.state.exitCode !== 0) ||
        (skips === '||' && this.state.exitCode === 0)
      if (!isSkipped) await this.#item(pipeline, next, streams)
      skips = next === '&&' || next === '||' ? next : undefined
    }
    return this.state.exitCode
  }

  async #item(pipeline: Pipeline, next: string, streams: Streams): Promise<void> {
    const { state } = this
    await state.machine.clock.step()
    if (next === '&') {
      this.#demandProcess()
      const job = this.#subshell((shell) => shell.#pipeline(pipeline, streams))
      job.catch(() => {
        // Whoever waits for it hears how it ended; if nobody does, it was killed with the rest.
      })
      this.jobs.push(job)
      state.exitCode = 0
      return
    }
    const isCondition = next === '&&' || next === '||' || pipeline.isNegated
    if (isCondition) this.#conditions++
    try {
      state.exitCode = await this.#pipeline(pipeline, streams)
    } finally {
      if (isCondition) this.#conditions--
    }
    const fails = state.exitCode !== 0 && state.endsOnError
    if (fails && !isCondition && this.#conditions === 0) throw new ShellExit(state.exitCode)
  }

  async #pipeline({ commands, isNegated }: Pipeline, streams: Streams): Promise<number> {
    const [only, ...others] = commands
    const code =
      only && others.length === 0
        ? await this.#command(only, streams)
        : await this.#piped(commands, streams)
    if (!isNegated) return code
    return code === 0 ? 1 : 0
  }

  async #piped(commands: readonly Command[], streams: Streams): Promise<number> {
    let { stdin } = streams
    const running = commands.map((command, index) => {
      const isLast = index === commands.length - 1
      const pipe = isLast ? undefined : new BytePipe()
      const own = { ...streams, stdin, stdout: pipe ?? streams.stdout }
      if (pipe) stdin = new Input(pipe)
      return this.#subshell(async (shell) => {
        try {
          return await shell.#command(command, own)
        } finally {
          pipe?.end()
          if (index > 0) own.stdin.close()
        }
      })
    })
    return (await Promise.all(running)).at(-1) ?? 0
  }

  async #subshell(run: (shell: ShellRunner) => Promise<number>): Promise<number> {
    this.#demandProcess()
    const { processes } = this.state.machine
    processes.count++
    const shell = new ShellRunner(this.state.fork(), this.isTerminal)
    shell.#calls = this.#calls
    try {
      return await run(shell)
    } catch (error) {
      if (error instanceof ShellExit || error instanceof FunctionReturn) return error.exitCode
      if (error instanceof BrokenPipe) return BROKEN_PIPE_EXIT
      if (error instanceof LoopControl) return 0
      throw error
    } finally {
      processes.count--
    }
  }

  #demandProcess(): void {
    if (this.state.machine.processes.count >= limits.processesMax)
      throw new OutOfResources("can't fork: Resource temporarily unavailable")
  }

  /** What a script prints: `$(…)`. */
  readonly #substitute =
    (streams: Streams) =>
    async (script: List): Promise<string> => {
      const pipe = new BytePipe()
      const output = new Input(pipe).readAll(limits.shellTextBytesMax)
      const code = this.#subshell(async (shell) => {
        try {
          return await shell.list(script, { ...streams, stdout: pipe })
        } finally {
          pipe.end()
        }
      })
      const [bytes, exitCode] = await Promise.all([output, code])
      this.state.exitCode = exitCode
      return Buffer.from(bytes).toString()
    }

  async #command(command: Command, streams: Streams): Promise<number> {
    try {
      if (command.kind === 'simple') return await this.#simple(command, streams)
      const own = await redirected(streams, command.redirects, this.state, ({ word }) =>
        expandText(word, this.state, this.#substitute(streams)),
      )
      return await this.#compound(command, own)
    } catch (error) {
      if (!(error instanceof ProgramError) && !(error instanceof FileError)) throw error
      await print(streams.stderr, `${this.state.name}: ${error.message}\n`)
      if (error instanceof OutOfResources) throw new ShellExit(error.exitCode)
      return error instanceof ProgramError ? error.exitCode : 1
    }
  }

  #compound(command: Exclude<Command, { kind: 'simple' }>, streams: Streams): Promise<number> {
    switch (command.kind) {
      case 'group':
        return command.isSubshell
          ? this.#subshell((shell) => shell.list(command.body, streams))
          : this.list(command.body, streams)
      case 'if':
        return this.#if(command, streams)
      case 'loop':
        return this.#loop(command, streams)
      case 'for':
        return this.#for(command, streams)
      case 'case':
        return this.#case(command, streams)
      case 'function':
        this.state.functions.set(command.name, command.body)
        return Promise.resolve(0)
    }
  }

  async #condition(list: List, streams: Streams): Promise<boolean> {
    this.#conditions++
    try {
      return (await this.list(list, streams)) === 0
    } finally {
      this.#conditions--
    }
  }

  async #if(
    { branches, otherwise }: Extract<Command, { kind: 'if' }>,
    streams: Streams,
  ): Promise<number> {
    for (const { condition, body } of branches)
      if (await this.#condition(condition, streams)) return this.list(body, streams)
    this.state.exitCode = 0
    return otherwise ? this.list(otherwise, streams) : 0
  }

  async #loop(
    { condition, body, isUntil }: Extract<Command, { kind: 'loop' }>,
    streams: Streams,
  ): Promise<number> {
    let code = 0
    while ((await this.#condition(condition, streams)) !== isUntil) {
      await this.state.machine.clock.step()
      const turn = await this.#turn(body, streams)
      if (turn === 'over') return 0
      code = turn
    }
    return code
  }

  async #for(
    { name, words, body }: Extract<Command, { kind: 'for' }>,
    streams: Streams,
  ): Promise<number> {
    const values = words ? await this.#expand(words, streams) : this.state.parameters
    let code = 0
    for (const value of values) {
      await this.state.machine.clock.step()
      this.state.variables.set(name, value)
      const turn = await this.#turn(body, streams)
      if (turn === 'over') return 0
      code = turn
    }
    return code
  }

  async #turn(body: List, streams: Streams): Promise<number | 'over'> {
    try {
      return await this.list(body, streams)
    } catch (error) {
      if (!(error instanceof LoopControl)) throw error
      if (--error.levels > 0) throw error
      return error.goesOn ? 0 : 'over'
    }
  }

  async #case(
    { subject, arms }: Extract<Command, { kind: 'case' }>,
    streams: Streams,
  ): Promise<number> {
    const text = await this.#text(subject, streams)
    for (const { patterns, body } of arms)
      for (const pattern of patterns)
        if (matchesPattern(await this.#text(pattern, streams), text))
          return this.list(body, streams)
    return 0
  }

  async #simple({ assignments, words, redirects }: Simple, streams: Streams): Promise<number> {
    const { state } = this
    const args = await this.#expand(words, streams)
    const own = await redirected(streams, redirects, state, ({ word }) => this.#text(word, streams))
    const values = new Map<string, string>()
    for (const { name, value } of assignments) values.set(name, await this.#text(value, streams))
    const [name, ...rest] = args
    if (name === undefined) {
      for (const [key, value] of values) state.variables.set(key, value)
      return assignments.length > 0 ? 0 : state.exitCode
    }
    if (state.isTraced) await print(streams.stderr, `+ ${args.join(' ')}\n`)
    const body = state.functions.get(name)
    if (body) return this.#call(body, rest, own)
    const builtin = builtins.get(name)
    if (builtin) return builtin(args, own, this)
    return this.execute(args, state.environment(values), own)
  }

  async #call(body: Command, parameters: readonly string[], streams: Streams): Promise<number> {
    const { state } = this
    const before = state.parameters
    state.parameters = parameters
    try {
      return await this.nested(() => this.#command(body, streams))
    } catch (error) {
      if (error instanceof FunctionReturn) return error.exitCode
      throw error
    } finally {
      state.parameters = before
    }
  }

  async nested(run: () => Promise<number>): Promise<number> {
    if (this.#calls >= CALLS_MAX) throw new ProgramError('too many nested calls', 2)
    this.#calls++
    try {
      return await run()
    } finally {
      this.#calls--
    }
  }

  async execute(
    args: readonly string[],
    env: ReadonlyMap<string, string>,
    streams: Streams,
  ): Promise<number> {
    const [name = ''] = args
    const { machine, directory } = this.state
    const program = programFor(machine, name)
    if (!program) {
      const isBash = this.state.name.endsWith('bash')
      const problem = isBash ? `line 1: ${name}: command not found` : `${name}: not found`
      await print(streams.stderr, `${this.state.name}: ${problem}\n`)
      return 127
    }
    const { isTerminal } = this
    return execute(program, { args, env, directory, machine, isTerminal, ...streams })
  }

  #expand(words: readonly Word[], streams: Streams): Promise<string[]> {
    return expandWords(words, this.state, this.#substitute(streams))
  }

  #text(word: Word, streams: Streams): Promise<string> {
    return expandText(word, this.state, this.#substitute(streams))
  }
}

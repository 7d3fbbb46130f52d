import { resolvePath } from '../file-system.js'
import { ProgramError, print } from '../process.js'
import type { Builtin, Shell } from './builtin.js'
import { FunctionReturn, LoopControl, ShellExit } from './control.js'
import { parseScript } from './parse.js'
import type { Streams } from './redirect.js'

const nothing: Builtin = async () => 0

const cd: Builtin = async ([, target], _, { state }) => {
  const wanted = target ?? state.variables.get('HOME') ?? '/'
  const path = resolvePath(state.directory, wanted)
  if (!state.machine.files.isFolder(path))
    throw new ProgramError(`cd: can't cd to ${wanted}: No such file or directory`, 2)
  state.directory = path
  state.variables.set('PWD', path)
  return 0
}

const exit: Builtin = async ([, code], _, { state }) => {
  throw new ShellExit(code === undefined ? state.exitCode : Number.parseInt(code, 10) & 0xff)
}

const leave: Builtin = async ([, code], _, { state }) => {
  throw new FunctionReturn(code === undefined ? state.exitCode : Number.parseInt(code, 10) & 0xff)
}

const ofLoop =
  (goesOn: boolean): Builtin =>
  async ([, levels = '1']) => {
    throw new LoopControl(goesOn, Math.max(1, Number.parseInt(levels, 10) || 1))
  }

const exportNames: Builtin = async ([, ...words], { stdout }, { state }) => {
  for (const word of words) {
    const [, name = '', value] = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(word) ?? []
    if (name === '') throw new ProgramError(`export: ${word}: bad variable name`, 2)
    if (value !== undefined) state.variables.set(name, value)
    state.exported.add(name)
  }
  if (words.length > 0) return 0
  const lines = [...state.environment(new Map())].sort(([a], [b]) => (a < b ? -1 : 1))
  await print(stdout, lines.map(([name, value]) => `export ${name}='${value}'\n`).join(''))
  return 0
}

const local: Builtin = async ([, ...words], _, { state }) => {
  for (const word of words) {
    const at = word.indexOf('=')
    state.variables.set(at < 0 ? word : word.slice(0, at), at < 0 ? '' : word.slice(at + 1))
  }
  return 0
}

const unset: Builtin = async ([, ...names], _, { state }) => {
  for (const name of names) {
    state.variables.delete(name)
    state.exported.delete(name)
    state.functions.delete(name)
  }
  return 0
}

const set: Builtin = async ([, ...words], { stdout }, { state }) => {
  if (words.length === 0) {
    const lines = [...state.variables].map(([name, value]) => `${name}='${value}'\n`)
    await print(stdout, lines.sort().join(''))
  }
  let at = 0
  for (; /^[-+][a-z]/.test(words[at] ?? ''); at++) {
    const word = words[at] as string
    const isOn = word.startsWith('-')
    if (word.includes('e')) state.endsOnError = isOn
    if (word.includes('u')) state.refusesUnset = isOn
    if (word.includes('x')) state.isTraced = isOn
    // `-o pipefail` and the like: known, and without effect.
    if (word.includes('o')) at++
  }
  if (words[at] === '--') state.parameters = words.slice(at + 1)
  else if (at < words.length) state.parameters = words.slice(at)
  return 0
}

const read: Builtin = async ([, ...words], { stdin }, { state }) => {
  const names = words.filter((word) => !word.startsWith('-'))
  const bytes = await stdin.readLine()
  const text = Buffer.from(bytes ?? '')
    .toString()
    .replace(/\n$/, '')
  const fields = text.trim().split(/[ \t]+/)
  for (const [index, name] of (names.length > 0 ? names : ['REPLY']).entries()) {
    const isLast = index === Math.max(0, names.length - 1)
    state.variables.set(name, isLast ? fields.slice(index).join(' ') : (fields[index] ?? ''))
  }
  return bytes === undefined ? 1 : 0
}

const shift: Builtin = async ([, count = '1'], _, { state }) => {
  state.parameters = state.parameters.slice(Number.parseInt(count, 10) || 0)
  return 0
}

const evaluate: Builtin = async ([, ...words], streams, shell) =>
  shell.nested(() => shell.list(parseScript(words.join(' ')), streams))

const source: Builtin = async ([, name = ''], streams, shell) => {
  const { machine, directory } = shell.state
  const text = Buffer.from(machine.files.read(resolvePath(directory, name))).toString()
  return shell.nested(() => shell.list(parseScript(text), streams))
}

const wait: Builtin = async (_args, _streams, { jobs }) => {
  await Promise.all(jobs.splice(0))
  return 0
}

/** The shell becomes another program: what comes after it is never reached. */
const exec: Builtin = async ([, ...args], streams, shell) => {
  if (args.length === 0) return 0
  throw new ShellExit(await shell.execute(args, shell.state.environment(new Map()), streams))
}

const command: Builtin = async ([, ...words], streams, shell) => {
  const names = words.filter((word) => !word.startsWith('-'))
  if (words[0]?.startsWith('-') !== true)
    return shell.execute(names, shell.state.environment(new Map()), streams)
  return where(names, streams, shell, (name) => name)
}

const type: Builtin = ([, ...names], streams, shell) =>
  where(names, streams, shell, (name, path) => `${name} is ${path}`)

async function where(
  names: readonly string[],
  { stdout }: Streams,
  { state }: Shell,
  line: (name: string, path: string) => string,
): Promise<number> {
  let code = 0
  for (const name of names) {
    const isOwn = builtins.has(name)
    const path = state.machine.programs.has(name) ? `/bin/${name}` : undefined
    if (isOwn) await print(stdout, `${line(name, 'a shell builtin')}\n`)
    else if (path) await print(stdout, `${line(path, path)}\n`)
    else code = 127
  }
  return code
}

const pwd: Builtin = async (_, { stdout }, { state }) => {
  await print(stdout, `${state.directory}\n`)
  return 0
}

export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ':': nothing,
    '.': source,
    break: ofLoop(false),
    cd,
    command,
    continue: ofLoop(true),
    eval: evaluate,
    exec,
    exit,
    export: exportNames,
    local,
    pwd,
    read,
    return: leave,
    set,
    shift,
    source,
    trap: nothing,
    type,
    umask: nothing,
    unset,
    wait,
  }),
)

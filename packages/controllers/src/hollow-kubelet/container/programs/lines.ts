import { resolvePath } from '../file-system.js'
import { Input } from '../input.js'
import { type Process, type Program, ProgramError, print } from '../process.js'
import { matchesPattern } from '../shell/pattern.js'
import { eachInput } from './text.js'

const INPUT_BYTES_MAX = 4 * 1024 * 1024

/** Flags, those with a value of their own, and what is neither. */
function parsed({ args }: Process, withValue = '') {
  const flags = new Map<string, string>()
  const rest: string[] = []
  for (let at = 1; at < args.length; at++) {
    const word = args[at] as string
    if (!/^-./.test(word)) {
      rest.push(word)
      continue
    }
    // `-5` of head and tail.
    if (/^-\d+$/.test(word)) flags.set('n', word.slice(1))
    else if (withValue.includes(word[1] as string))
      flags.set(word[1] as string, word.length > 2 ? word.slice(2) : (args[++at] ?? ''))
    else for (const flag of word.slice(1)) flags.set(flag, '')
  }
  return { flags, rest }
}

/** Each line without its newline, of the files named or of standard input. */
async function eachLine(
  process: Process,
  names: readonly string[],
  use: (line: string) => Promise<unknown>,
): Promise<number> {
  return eachInput(process, names, async (input) => {
    for (let line = await input.readLine(); line; line = await input.readLine()) {
      await process.machine.clock.step()
      const isOver = await use(Buffer.from(line).toString().replace(/\n$/, ''))
      if (isOver === 'over') return input.close()
    }
  })
}

async function allLines(process: Process, names: readonly string[]): Promise<string[]> {
  const lines: string[] = []
  let size = 0
  await eachLine(process, names, async (line) => {
    size += line.length
    if (size > INPUT_BYTES_MAX) throw new ProgramError('out of memory')
    lines.push(line)
  })
  return lines
}

const printLines = (process: Process, lines: readonly string[]): Promise<void> =>
  print(process.stdout, lines.map((line) => `${line}\n`).join(''))

const head: Program = async (process) => {
  const { flags, rest } = parsed(process, 'nc')
  let left = Number(flags.get('n') ?? 10)
  if (left <= 0) return 0
  return eachLine(process, rest, async (line) => {
    await printLines(process, [line])
    return --left <= 0 ? 'over' : undefined
  })
}

const tail: Program = async (process) => {
  const { flags, rest } = parsed(process, 'nc')
  const lines = await allLines(process, rest)
  const count = flags.get('n') ?? '10'
  const shown = count.startsWith('+')
    ? lines.slice(Number(count) - 1)
    : lastOf(lines, Number(count))
  await printLines(process, shown)
  // Nothing is appended to a file that nobody else has: it waits, as it would.
  if (flags.has('f') || flags.has('F')) await process.machine.clock.sleep(2 ** 31 - 1)
  return 0
}

const lastOf = (lines: readonly string[], count: number): readonly string[] =>
  count > 0 ? lines.slice(-count) : []

const wc: Program = async (process) => {
  const { flags, rest } = parsed(process)
  const totals = { l: 0, w: 0, c: 0 }
  const code = await eachInput(process, rest, async (input) => {
    const text = Buffer.from(await input.readAll(INPUT_BYTES_MAX))
    totals.c += text.length
    const words = text.toString()
    totals.l += words.split('\n').length - 1
    totals.w += words.split(/\s+/).filter((word) => word !== '').length
  })
  const wanted = (['l', 'w', 'c'] as const).filter((name) => flags.size === 0 || flags.has(name))
  const numbers = wanted.map((name) => totals[name])
  const shown =
    numbers.length > 1 ? numbers.map((one) => String(one).padStart(8)).join('') : String(numbers)
  await print(process.stdout, `${[shown, ...rest].join(' ')}\n`)
  return code
}

/**
 * A pattern of which `.`, `.*`, `^` and `$` are understood, as one that can be matched in linear time.
 */
export function linePattern(pattern: string): string {
  const isFromStart = pattern.startsWith('^')
  const isToEnd = /(^|[^\\])\$$/.test(pattern)
  const body = pattern.slice(isFromStart ? 1 : 0, isToEnd ? -1 : undefined)
  const inner = body.replace(/\.\*|\\.|[.*?[\\]/g, (piece) => {
    if (piece === '.*') return '*'
    if (piece === '.') return '?'
    return piece.length === 2 ? piece : `\\${piece}`
  })
  return `${isFromStart ? '' : '*'}${inner}${isToEnd ? '' : '*'}`
}

const grep: Program = async (process) => {
  const { flags, rest } = parsed(process, 'em')
  const fold = (text: string) => (flags.has('i') ? text.toLowerCase() : text)
  const given = flags.get('e') ?? rest.shift()
  if (given === undefined) throw new ProgramError('missing pattern', 2)
  const patterns = given.split(flags.has('E') ? '|' : '\n').map((one) => linePattern(fold(one)))
  const escaped = `*${fold(given).replace(/[*?[\\]/g, '\\$&')}*`
  let count = 0
  const code = await eachLine(process, rest, async (line) => {
    const isMatch = flags.has('F')
      ? matchesPattern(escaped, fold(line))
      : patterns.some((pattern) => matchesPattern(pattern, fold(line)))
    if (isMatch === flags.has('v')) return undefined
    count++
    if (!flags.has('q') && !flags.has('c')) await printLines(process, [line])
    return undefined
  })
  if (flags.has('c')) await printLines(process, [String(count)])
  if (code !== 0) return 2
  return count > 0 ? 0 : 1
}

const sort: Program = async (process) => {
  const { flags, rest } = parsed(process, 'k')
  const lines = await allLines(process, rest)
  const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  const byNumber = (a: string, b: string) =>
    (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0) || byText(a, b)
  lines.sort(flags.has('n') ? byNumber : byText)
  if (flags.has('r')) lines.reverse()
  await printLines(process, flags.has('u') ? [...new Set(lines)] : lines)
  return 0
}

const uniq: Program = async (process) => {
  const lines = await allLines(process, parsed(process).rest)
  await printLines(
    process,
    lines.filter((line, index) => line !== lines[index - 1]),
  )
  return 0
}

const cut: Program = async (process) => {
  const { flags, rest } = parsed(process, 'dfc')
  const delimiter = flags.get('d') ?? '\t'
  const fields = (flags.get('f') ?? flags.get('c') ?? '1').split(',').map(Number)
  return eachLine(process, rest, async (line) => {
    const parts = flags.has('c') ? [...line] : line.split(delimiter)
    const glue = flags.has('c') ? '' : delimiter
    await printLines(process, [fields.map((field) => parts[field - 1] ?? '').join(glue)])
  })
}

/** Only `s/FROM/TO/` with an optional `g`, both taken as they stand. */
const sed: Program = async (process) => {
  const { flags, rest } = parsed(process, 'e')
  const script = flags.get('e') ?? rest.shift() ?? ''
  const separator = script[1] ?? '/'
  const [command, from = '', to = '', options = ''] = script.split(separator)
  if (command !== 's') throw new ProgramError(`unsupported command ${script}`)
  return eachLine(process, rest, async (line) => {
    if (line.length * to.length > INPUT_BYTES_MAX) throw new ProgramError('out of memory')
    const changed = options.includes('g') ? line.replaceAll(from, to) : line.replace(from, () => to)
    await printLines(process, [changed])
  })
}

const tr: Program = async (process) => {
  const { flags, rest } = parsed(process)
  const [from = [], to = []] = rest.map(characters)
  const text = Buffer.from(await process.stdin.readAll(INPUT_BYTES_MAX)).toString()
  const changed = [...text].map((char) => {
    const at = from.indexOf(char)
    if (at < 0) return char
    return flags.has('d') ? '' : (to[Math.min(at, to.length - 1)] ?? '')
  })
  await print(process.stdout, changed.join(''))
  return 0
}

const CLASSES: Readonly<Record<string, string>> = {
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
  '[:digit:]': '0-9',
  '[:space:]': ' \\t\\n',
}

function characters(set: string): string[] {
  const plain = set
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name)
    .replace(/\\([nt\\])/g, (_, letter) => ({ n: '\n', t: '\t' })[letter as 'n'] ?? '\\')
  return [...plain.replace(/(.)-(.)/gs, (_, first: string, last: string) => range(first, last))]
}

const range = (first: string, last: string): string =>
  Array.from({ length: Math.max(0, last.charCodeAt(0) - first.charCodeAt(0) + 1) }, (_, index) =>
    String.fromCharCode(first.charCodeAt(0) + index),
  ).join('')

const tee: Program = async (process) => {
  const { flags, rest } = parsed(process)
  const { machine, directory, stdin, stdout } = process
  const { files, clock } = machine
  const paths = rest.map((name) => resolvePath(directory, name))
  for (const path of paths)
    if (!flags.has('a') || !files.entry(path)) files.write(path, new Uint8Array(), clock.now())
  for (let bytes = await stdin.read(); bytes; bytes = await stdin.read()) {
    for (const path of paths) files.append(path, bytes, clock.now())
    await stdout.write(bytes)
  }
  return 0
}

const yes: Program = async (process) => {
  const text = process.args.slice(1).join(' ') || 'y'
  for (;;) {
    await process.machine.clock.step()
    await printLines(process, [text])
  }
}

const seq: Program = async (process) => {
  const numbers = process.args.slice(1).map(Number)
  if (numbers.length === 0 || numbers.some(Number.isNaN)) throw new ProgramError('missing operand')
  const first = numbers.length > 1 ? (numbers[0] as number) : 1
  const step = numbers.length > 2 ? (numbers[1] as number) : 1
  const last = numbers.at(-1) as number
  if (step === 0) throw new ProgramError("increment can't be 0")
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
    await process.machine.clock.step()
    await printLines(process, [String(value)])
  }
  return 0
}

const base64: Program = async (process) => {
  const { flags, rest } = parsed(process, 'w')
  const { machine, directory, stdin, stdout } = process
  const [name] = rest
  const input =
    name === undefined ? stdin : Input.of(machine.files.read(resolvePath(directory, name)))
  const bytes = Buffer.from(await input.readAll(INPUT_BYTES_MAX))
  if (flags.has('d')) await stdout.write(Buffer.from(bytes.toString('latin1'), 'base64'))
  else await printLines(process, bytes.toString('base64').match(/.{1,76}/g) ?? [])
  return 0
}

export const linePrograms: Readonly<Record<string, Program>> = {
  base64,
  cut,
  grep,
  head,
  sed,
  seq,
  sort,
  tail,
  tee,
  tr,
  uniq,
  wc,
  yes,
}

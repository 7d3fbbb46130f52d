import { limits } from '../../limits.js'
import { resolvePath } from '../file-system.js'
import { Input } from '../input.js'
import { type Process, type Program, ProgramError, print } from '../process.js'

/** `-e`, `-n` and `-E` may stand together in front. */
const echo: Program = async ({ args, stdout }) => {
  let words = args.slice(1)
  let [escapes, newline] = [false, true]
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    const flags = words[0] as string
    if (flags.includes('n')) newline = false
    if (flags.includes('e')) escapes = true
    words = words.slice(1)
  }
  const text = words.join(' ')
  await print(stdout, (escapes ? unescaped(text) : text) + (newline ? '\n' : ''))
  return 0
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:0([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))/g, (whole, octal, hex, letter) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return ESCAPES[letter] ?? whole
  })

/** A number's or a word's place is no wider. */
const WIDTH_MAX = 4096

/** The format is used again for as long as there are arguments. */
const printf: Program = async ({ args: [, format = '', ...rest], stdout }) => {
  let text = ''
  let at = 0
  do {
    text += unescaped(format).replace(/%(-?)(0?)(\d*)(?:\.(\d+))?([sdixcb%])/g, (...match) => {
      const [, left, zero, width = '', precision, kind] = match as string[]
      if (kind === '%') return '%'
      const word = rest[at++] ?? ''
      const shown = formatted(word, kind as string, precision)
      const pad = zero && kind !== 's' ? '0' : ' '
      const columns = Math.min(Number(width), WIDTH_MAX)
      return left ? shown.padEnd(columns) : shown.padStart(columns, pad)
    })
    if (text.length > limits.shellTextBytesMax) throw new ProgramError('out of memory')
  } while (at > 0 && at < rest.length)
  await print(stdout, text)
  return 0
}

function formatted(word: string, kind: string, precision: string | undefined): string {
  if (kind === 'd' || kind === 'i') return String(Number.parseInt(word, 10) || 0)
  if (kind === 'x') return (Number.parseInt(word, 10) || 0).toString(16)
  if (kind === 'c') return word.slice(0, 1)
  if (kind === 'b') return unescaped(word)
  return precision === undefined ? word : word.slice(0, Number(precision))
}

const cat: Program = (process) => eachInput(process, operands(process), copy)

async function copy(input: Input, { stdout, machine }: Process): Promise<void> {
  for (let part = await input.read(); part; part = await input.read()) {
    await machine.clock.step()
    await stdout.write(part)
  }
}

export const operands = ({ args }: Process): string[] =>
  args.slice(1).filter((word) => word === '-' || !word.startsWith('-'))

/** Each file named, or standard input. What can't be read is said, and the code is 1. */
export async function eachInput(
  process: Process,
  names: readonly string[],
  use: (input: Input, process: Process) => Promise<void>,
): Promise<number> {
  const { args, stdin, stderr, machine, directory } = process
  let exitCode = 0
  for (const name of names.length > 0 ? names : ['-']) {
    if (name === '-') {
      await use(stdin, process)
      continue
    }
    let bytes: Uint8Array
    try {
      bytes = machine.files.read(resolvePath(directory, name))
    } catch (error) {
      await print(stderr, `${args[0]}: ${name}: ${(error as Error).message}\n`)
      exitCode = 1
      continue
    }
    await use(Input.of(bytes), process)
  }
  return exitCode
}

export const textPrograms: Readonly<Record<string, Program>> = { echo, printf, cat }

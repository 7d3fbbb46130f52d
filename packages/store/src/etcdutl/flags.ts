import { type Command, CommandError, type Flag, type Flags, GLOBAL_FLAGS } from './command.js'

export interface CommandLine {
  readonly args: readonly string[]
  readonly flags: Flags
  readonly isHelpAsked: boolean
}

/** Reads `--name value`, `--name=value`, `--switch`, `-w value`; errors are in the words of pflag. */
export function parseFlags(words: readonly string[], command: Pick<Command, 'flags'>): CommandLine {
  const known = { ...GLOBAL_FLAGS, ...command.flags }
  const given = new Map<string, string>()
  const args: string[] = []
  let isHelpAsked = false
  for (let n = 0; n < words.length; n++) {
    const word = words[n] as string
    if (word === '--') {
      args.push(...words.slice(n + 1))
      break
    }
    if (word === '--help' || word === '-h') isHelpAsked = true
    else if (word.startsWith('-') && word.length > 1) n += readFlag(words, n, known, given)
    else args.push(word)
  }
  if (!isHelpAsked) assertRequired(known, given)
  return { args, flags: flagsOf(known, given), isHelpAsked }
}

type Known = Readonly<Record<string, Flag>>

/** Answers how many of the words after it belong to it. */
function readFlag(words: readonly string[], n: number, known: Known, given: Map<string, string>) {
  const word = words[n] as string
  const [, dashes = '', spelling = '', value] = /^(--?)([^=]+)(?:=(.*))?$/s.exec(word) ?? []
  const name = dashes === '--' ? spelling : longNameOf(known, spelling)
  const flag = name === undefined ? undefined : known[name]
  if (name === undefined || flag === undefined) {
    throw new CommandError(
      dashes === '--'
        ? `unknown flag: --${spelling}`
        : `unknown shorthand flag: '${word.charAt(1)}' in ${word}`,
    )
  }
  const takesNext = value === undefined && flag.type !== 'boolean'
  const text = takesNext ? words[n + 1] : (value ?? 'true')
  if (text === undefined) throw new CommandError(`flag needs an argument: ${dashes}${spelling}`)
  assertValue(name, flag, text)
  given.set(name, text)
  return takesNext ? 1 : 0
}

const longNameOf = (known: Known, shorthand: string): string | undefined =>
  Object.entries(known).find(([, flag]) => flag.shorthand === shorthand)?.[0]

function assertValue(name: string, { type }: Flag, text: string): void {
  const invalid = (problem: string): CommandError =>
    new CommandError(`invalid argument "${text}" for "--${name}" flag: ${problem}`)
  if (type === 'count' && !(/^\d+$/.test(text) && Number.isSafeInteger(Number(text)))) {
    throw invalid(`strconv.ParseUint: parsing "${text}": invalid syntax`)
  }
  if (type === 'boolean' && text !== 'true' && text !== 'false') {
    throw invalid(`strconv.ParseBool: parsing "${text}": invalid syntax`)
  }
}

function assertRequired(known: Known, given: ReadonlyMap<string, string>): void {
  const missing = Object.keys(known).filter((name) => known[name]?.isRequired && !given.has(name))
  if (missing.length === 0) return
  const list = missing.map((name) => `"${name}"`).join(', ')
  throw new CommandError(`required flag(s) ${list} not set`)
}

function flagsOf(known: Known, given: ReadonlyMap<string, string>): Flags {
  const value = (name: string): string => {
    const text = given.get(name) ?? known[name]?.default
    if (text === undefined) throw new Error(`no such flag: ${name}`)
    return text
  }
  return {
    string: value,
    boolean: (name) => value(name) === 'true',
    count: (name) => Number(value(name)),
  }
}

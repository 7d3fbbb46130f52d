import { UsageError } from '../errors/errors.js'
import { durationFault, parseGoDuration } from './go-duration.js'

/** How a flag's text becomes a value. The kinds and their error texts are those of Go's pflag. */
export type FlagKind = 'string' | 'bool' | 'int' | 'duration' | 'array' | 'slice'

export interface FlagSpec<T = unknown> {
  readonly kind: FlagKind
  readonly help: string
  readonly default: T
  readonly short?: string
  /** The value when the flag stands alone; without it the next word is the value. */
  readonly alone?: string
  readonly required?: boolean
  readonly hidden?: boolean
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

export type FlagValues<F extends FlagSpecs> = {
  readonly [K in keyof F]: F[K] extends FlagSpec<infer T> ? T : never
}

interface Extras {
  readonly short?: string
  readonly alone?: string
  readonly required?: boolean
  readonly hidden?: boolean
}

/** Builders for the flags of a command. Names are written in camel case and typed in kebab case. */
export const flag = {
  string: (help: string, extras: Extras & { default?: string } = {}): FlagSpec<string> => ({
    kind: 'string',
    help,
    ...extras,
    default: extras.default ?? '',
  }),
  bool: (help: string, extras: Extras & { default?: boolean } = {}): FlagSpec<boolean> => ({
    kind: 'bool',
    help,
    alone: 'true',
    ...extras,
    default: extras.default ?? false,
  }),
  int: (help: string, extras: Extras & { default?: number } = {}): FlagSpec<number> => ({
    kind: 'int',
    help,
    ...extras,
    default: extras.default ?? 0,
  }),
  /** Milliseconds. */
  duration: (help: string, extras: Extras & { default?: number } = {}): FlagSpec<number> => ({
    kind: 'duration',
    help,
    ...extras,
    default: extras.default ?? 0,
  }),
  /** May be repeated; each value is taken as it is. */
  array: (help: string, extras: Extras = {}): FlagSpec<readonly string[]> => ({
    kind: 'array',
    help,
    ...extras,
    default: [],
  }),
  /** May be repeated; each value is a comma-separated list. */
  slice: (
    help: string,
    extras: Extras & { default?: readonly string[] } = {},
  ): FlagSpec<readonly string[]> => ({
    kind: 'slice',
    help,
    ...extras,
    default: extras.default ?? [],
  }),
}

export interface ParsedArguments {
  readonly args: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
  /** Names (camel case) of the flags that were given. */
  readonly given: ReadonlySet<string>
  /** How many of `args` stood before `--`; -1 when there was none. */
  readonly dashAt: number
}

export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Splits words into arguments and flag values as pflag does. Throws `UsageError`. */
export function parseFlags(words: readonly string[], specs: FlagSpecs): ParsedArguments {
  const parse = new FlagParse(specs)
  const args: string[] = []
  let dashAt = -1
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '--') {
      dashAt = args.length
      args.push(...words.slice(i + 1))
      break
    }
    if (word.startsWith('--')) i += parse.long(word, words[i + 1])
    else if (word.startsWith('-') && word !== '-') i += parse.short(word, words[i + 1])
    else args.push(word)
  }
  return { args, values: parse.values, given: parse.given, dashAt }
}

class FlagParse {
  readonly values: Record<string, unknown> = {}
  readonly given = new Set<string>()
  readonly #byLong = new Map<string, string>()
  readonly #byShort = new Map<string, string>()
  readonly #specs: FlagSpecs

  constructor(specs: FlagSpecs) {
    this.#specs = specs
    for (const [name, spec] of Object.entries(specs)) {
      this.values[name] = spec.default
      this.#byLong.set(kebab(name), name)
      if (spec.short) this.#byShort.set(spec.short, name)
    }
  }

  /** Returns how many of the following words it took. */
  long(word: string, next: string | undefined): number {
    const equals = word.indexOf('=')
    const typed = equals < 0 ? word.slice(2) : word.slice(2, equals)
    const name = this.#byLong.get(typed)
    if (name === undefined) throw new UsageError(`unknown flag: --${typed}`)
    if (equals >= 0) return this.#set(name, word.slice(equals + 1))
    const alone = this.#specs[name]?.alone
    if (alone !== undefined) return this.#set(name, alone)
    if (next === undefined) throw new UsageError(`flag needs an argument: --${typed}`)
    this.#set(name, next)
    return 1
  }

  short(word: string, next: string | undefined): number {
    const letters = word.slice(1)
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] ?? ''
      const name = this.#byShort.get(letter)
      if (name === undefined)
        throw new UsageError(`unknown shorthand flag: '${letter}' in -${letters.slice(i)}`)
      if (letters[i + 1] === '=') return this.#set(name, letters.slice(i + 2))
      const alone = this.#specs[name]?.alone
      if (alone !== undefined) {
        this.#set(name, alone)
        continue
      }
      if (i + 1 < letters.length) return this.#set(name, letters.slice(i + 1))
      if (next === undefined)
        throw new UsageError(`flag needs an argument: '${letter}' in -${letters.slice(i)}`)
      this.#set(name, next)
      return 1
    }
    return 0
  }

  #set(name: string, text: string): 0 {
    const spec = this.#specs[name] as FlagSpec
    const shown = spec.short ? `-${spec.short}, --${kebab(name)}` : `--${kebab(name)}`
    const refuse = (reason: string) =>
      new UsageError(`invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${reason}`)
    const repeated = this.given.has(name) ? (this.values[name] as readonly string[]) : []
    this.given.add(name)
    if (spec.kind === 'string') this.values[name] = text
    else if (spec.kind === 'array') this.values[name] = [...repeated, text]
    else if (spec.kind === 'slice') this.values[name] = [...repeated, ...splitCommas(text)]
    else this.values[name] = parseScalar(spec.kind, text, refuse)
    return 0
  }
}

const splitCommas = (text: string): string[] => (text === '' ? [] : text.split(','))

function parseScalar(
  kind: 'bool' | 'int' | 'duration',
  text: string,
  refuse: (reason: string) => UsageError,
): boolean | number {
  const quoted = JSON.stringify(text)
  if (kind === 'bool') {
    if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true
    if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false
    throw refuse(`strconv.ParseBool: parsing ${quoted}: invalid syntax`)
  }
  if (kind === 'int') {
    if (/^[+-]?\d+$/.test(text)) return Number(text)
    throw refuse(`strconv.ParseInt: parsing ${quoted}: invalid syntax`)
  }
  const duration = parseGoDuration(text)
  if (duration === undefined) throw refuse(durationFault(text))
  return duration
}

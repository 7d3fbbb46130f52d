import { type OptionName, optionNamed, resolveName, type Settings } from './options/options.js'

/** What somebody said about the options. */
export type Given = { readonly [Name in OptionName]?: Settings[Name] }
/** While it is read, each value by its option's own type. */
export type Draft = Partial<Record<OptionName, unknown>>

/** Wrong use of the command line: the program ends with 2 and shows how it is used. */
export class FlagError extends Error {
  override readonly name = 'FlagError'
}

export interface CommandLine {
  readonly given: Given
  /** What was asked instead of a start. */
  readonly asked: 'help' | 'version' | undefined
  readonly configFile: string | undefined
  /** What is no flag. */
  readonly rest: readonly string[]
}

/** Reads flags as Go's flag package does: `-name value`, `--name=value`, `--switch`. */
export function parseFlags(args: readonly string[]): CommandLine {
  const draft: Draft = {}
  const given = draft as Given
  let asked: CommandLine['asked']
  let configFile: string | undefined
  let next = 0
  for (; next < args.length; next++) {
    const flag = readFlag(args[next] as string)
    if (flag === undefined) break
    if (flag === 'end') {
      next++
      break
    }
    const { name } = flag
    if (name === 'h' || name === 'help') return { given, asked: 'help', configFile, rest: [] }
    if (name === 'version') {
      if (parseValue('version', flag.value ?? 'true')) asked = 'version'
      continue
    }
    const takesNext = flag.value === undefined && !isSwitch(name)
    if (takesNext && ++next >= args.length) throw new FlagError(`flag needs an argument: -${name}`)
    const text = flag.value ?? (takesNext ? (args[next] as string) : 'true')
    if (name === 'config-file') configFile = text
    else draft[resolveName(name) as OptionName] = parseValue(name, text)
  }
  return { given, asked, configFile, rest: args.slice(next) }
}

/** `-` and what doesn't begin with one are no flags; `--` ends them. */
function readFlag(arg: string): { name: string; value: string | undefined } | 'end' | undefined {
  if (arg === '--') return 'end'
  const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
  if (arg.length < 2 || !arg.startsWith('-')) return undefined
  if (name === undefined || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${arg}`)
  if (!SPECIAL.includes(name) && resolveName(name) === undefined)
    throw new FlagError(`flag provided but not defined: -${name}`)
  return { name, value }
}

const SPECIAL = ['h', 'help', 'version', 'config-file']

function isSwitch(name: string): boolean {
  const option = resolveName(name)
  return option !== undefined && optionNamed(option).type.isBoolean === true
}

function parseValue(name: string, text: string): unknown {
  const option = resolveName(name)
  if (option === undefined) return text !== 'false'
  try {
    return optionNamed(option).type.parse(text)
  } catch (error) {
    const kind = isSwitch(name) ? 'boolean value' : 'value'
    const flag = isSwitch(name) ? `-${name}` : `flag -${name}`
    const problem = (error as Error).message
    throw new FlagError(`invalid ${kind} ${JSON.stringify(text)} for ${flag}: ${problem}`)
  }
}

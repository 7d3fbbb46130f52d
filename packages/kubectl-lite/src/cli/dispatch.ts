import { CommandError, SilentExit, UsageError } from '../errors/errors.js'
import type { Session } from '../session/session.js'
import type { Command, CommandEntry, Invocation } from './command.js'
import { type FlagSpecs, kebab, parseFlags } from './flags.js'
import { globalFlags } from './global-flags.js'
import { printHelp } from './help.js'
import { suggest } from './suggest.js'

interface Found {
  readonly command: Command
  readonly path: string
  readonly words: readonly string[]
  readonly entries: readonly CommandEntry[]
}

/** Finds the command that the words name, parses its flags and runs it. Throws what goes wrong. */
export async function dispatch(session: Session, root: Command, words: readonly string[]) {
  const [first, ...others] = words
  const found = await find(session, root, first === 'help' ? others : words)
  const { command, path } = found
  const specs: FlagSpecs = { ...globalFlags, ...command.flags }
  const parsed = parse(found, specs)
  if (parsed.values.help || first === 'help') {
    printHelp(session.out.stdout, command, path)
    return 0
  }
  if (!command.run) return refuseBareGroup(session, found, parsed.args)
  requireFlags(command.flags, parsed.given)
  session.useGlobals(globalsOf(parsed.values, command.flags), parsed.given)
  const invocation: Invocation = {
    args: parsed.args,
    flags: parsed.values as Invocation['flags'],
    given: parsed.given,
    dashAt: parsed.dashAt,
    path,
    root,
  }
  session.failureCode = command.failureCode ?? 1
  return (await command.run(session, invocation)) ?? 0
}

/** A command's own flag (such as `--user` of `create rolebinding`) hides the global one. */
function globalsOf(
  values: Readonly<Record<string, unknown>>,
  own: FlagSpecs,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(globalFlags).map(([name, spec]) => [
      name,
      name in own ? spec.default : values[name],
    ]),
  )
}

/** Walks down the tree along the words that are not flags. */
async function find(session: Session, root: Command, words: readonly string[]): Promise<Found> {
  let command = root
  let path = 'kubectl'
  let rest = [...words]
  for (;;) {
    const entries = command.subcommands ?? []
    if (entries.length === 0) break
    const specs: FlagSpecs = { ...globalFlags, ...command.flags }
    const at = firstArgument(rest, specs)
    const word = at < 0 ? undefined : rest[at]
    const entry = entries.find((one) => one.name === word || one.aliases?.includes(word ?? ''))
    if (!entry) {
      if (command === root && word !== undefined) {
        const { runPlugin } = await import('../plugins/plugins.js')
        const code = runPlugin(session, words)
        throw code === undefined ? unknownCommand(word, entries) : new SilentExit(code)
      }
      break
    }
    path = `${path} ${entry.name}`
    rest = [...rest.slice(0, at), ...rest.slice(at + 1)]
    command = await entry.load()
  }
  return { command, path, words: rest, entries: command.subcommands ?? [] }
}

/** Index of the first word that is neither a flag nor a flag's value; -1 when there is none. */
function firstArgument(words: readonly string[], specs: FlagSpecs): number {
  const takesNext = (word: string): boolean => {
    if (word.includes('=')) return false
    for (const [name, spec] of Object.entries(specs)) {
      const isIt = word.startsWith('--')
        ? word === `--${kebab(name)}`
        : spec.short !== undefined && word === `-${spec.short}`
      if (isIt) return spec.alone === undefined
    }
    return false
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '--') return -1
    if (!word.startsWith('-') || word === '-') return i
    if (takesNext(word)) i++
  }
  return -1
}

function parse(found: Found, specs: FlagSpecs) {
  try {
    return parseFlags(found.words, specs)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new CommandError(`${error.message}\nSee '${found.path} --help' for usage.`)
  }
}

function requireFlags(specs: FlagSpecs, given: ReadonlySet<string>): void {
  const missing = Object.entries(specs)
    .filter(([name, spec]) => spec.required && !given.has(name))
    .map(([name]) => `"${kebab(name)}"`)
  if (missing.length > 0) throw new CommandError(`required flag(s) ${missing.join(', ')} not set`)
}

function refuseBareGroup(session: Session, found: Found, args: readonly string[]): never {
  if (found.command.showsHelp) {
    printHelp(session.out.stdout, found.command, found.path)
    throw new SilentExit(0)
  }
  if (args.length > 0) throw usageError(found.path, `unknown command "${args.join(' ')}"`)
  printHelp(session.out[found.command.helpOn ?? 'stderr'], found.command, found.path)
  throw new SilentExit(1)
}

function unknownCommand(word: string, entries: readonly CommandEntry[]): CommandError {
  const names = entries.map((entry) => entry.name)
  const similar = suggest(word, names)
  const hint =
    similar.length === 0
      ? ''
      : `\n\nDid you mean this?\n${similar.map((name) => `\t${name}\n`).join('')}`
  return new CommandError(`unknown command "${word}" for "kubectl"${hint}`)
}

/** A mistake on the command line, with kubectl's pointer to the help. */
export const usageError = (path: string, message: string): UsageError =>
  new UsageError(`${message}\nSee '${path} -h' for help and examples`)

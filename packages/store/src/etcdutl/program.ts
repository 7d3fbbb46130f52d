import { type Command, CommandError, ExitCode, GLOBAL_FLAGS, type Output } from './command.js'
import { defrag } from './commands/defrag.js'
import { hashkv } from './commands/hashkv.js'
import { snapshotRestore } from './commands/snapshot-restore.js'
import { snapshotStatus } from './commands/snapshot-status.js'
import { version } from './commands/version.js'
import { completionScript } from './completion.js'
import { parseFlags } from './flags.js'

const completion: Command = {
  name: 'completion',
  usage: '<shell>',
  summary: 'Prints the completion script of bash, zsh or fish',
  flags: {},
  run: async ([shell = ''], _flags, out) => out.line(completionScript(shell, commands)),
}

const commands: readonly Command[] = [
  completion,
  defrag,
  hashkv,
  snapshotRestore,
  snapshotStatus,
  version,
]

/** Runs the program `etcdutl` and answers its exit code. */
export async function runEtcdutl(words: readonly string[], out: Output): Promise<number> {
  try {
    await run(words, out)
    return ExitCode.ok
  } catch (error) {
    out.error(`Error: ${error instanceof Error ? error.message : String(error)}`)
    return error instanceof CommandError ? error.exitCode : ExitCode.error
  }
}

async function run(words: readonly string[], out: Output): Promise<void> {
  const { command, rest } = findCommand(words)
  if (command === undefined) {
    const [first] = rest.filter((word) => !word.startsWith('-'))
    if (first !== undefined && first !== 'help' && first !== 'snapshot') {
      throw new CommandError(`unknown command "${first}" for "etcdutl"`)
    }
    return printOverview(out)
  }
  const { args, flags, isHelpAsked } = parseFlags(rest, command)
  if (isHelpAsked) return printHelp(command, out)
  await command.run(args, flags, out)
}

/** Only flags of every command may stand before it. */
function findCommand(words: readonly string[]): {
  readonly command: Command | undefined
  readonly rest: readonly string[]
} {
  let start = 0
  while (words[start]?.startsWith('-')) start += takesNext(words[start] as string) ? 2 : 1
  const command = commands.find(({ name }) =>
    name.split(' ').every((part, i) => words[start + i] === part),
  )
  if (command === undefined) return { command, rest: words }
  const end = start + command.name.split(' ').length
  return { command, rest: [...words.slice(0, start), ...words.slice(end)] }
}

const takesNext = (word: string): boolean => word === '-w' || word === '--write-out'

function printOverview(out: Output): void {
  out.line('An administrative command line tool for etcd\n\nUsage:\n  etcdutl [command]\n')
  out.line('Available Commands:')
  const width = Math.max(...commands.map(({ name }) => name.length))
  for (const { name, summary } of commands) out.line(`  ${name.padEnd(width)}  ${summary}`)
  out.line('\nUse "etcdutl [command] --help" for more information about a command.')
}

function printHelp({ name, usage, summary, flags }: Command, out: Output): void {
  out.line(`${summary}\n\nUsage:\n  etcdutl ${name} ${usage}\n\nFlags:`)
  const rows = Object.entries({ ...flags, ...GLOBAL_FLAGS }).map(([flag, { help, ...about }]) => {
    const short = about.shorthand === undefined ? '    ' : `-${about.shorthand}, `
    const type = about.type === 'boolean' ? '' : about.type === 'count' ? ' uint' : ' string'
    const isTelling = about.default !== '' && about.default !== 'false' && about.default !== '0'
    const value = about.type === 'string' ? `"${about.default}"` : about.default
    return [`${short}--${flag}${type}`, `${help}${isTelling ? ` (default ${value})` : ''}`] as const
  })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  for (const [flag, help] of rows) out.line(`  ${flag.padEnd(width)}   ${help}`)
}

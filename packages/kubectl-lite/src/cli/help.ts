import type { Command } from './command.js'
import { type FlagSpec, kebab } from './flags.js'
import { formatGoDuration } from './go-duration.js'

/** Prints what `--help` prints, all of it from the command's data. */
export function printHelp(print: (text: string) => void, command: Command, path: string): void {
  const sections = [
    (command.long ?? command.summary).trimEnd(),
    examplesSection(command),
    subcommandSection(command),
    flagSection(command),
    `Usage:\n  ${path.split(' ').slice(0, -1).concat(command.usage).join(' ')}`,
    pointer(command, path),
  ]
  print(`${sections.filter((section) => section !== '').join('\n\n')}\n`)
}

function examplesSection({ examples = [] }: Command): string {
  if (examples.length === 0) return ''
  return `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`
}

function subcommandSection({ subcommands = [] }: Command): string {
  if (subcommands.length === 0) return ''
  const width = Math.max(...subcommands.map(({ name }) => name.length))
  const lines = subcommands.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`)
  return `Available Commands:\n${lines.join('\n')}`
}

function flagSection({ flags }: Command): string {
  const shown = Object.entries(flags).filter(([, spec]) => !spec.hidden)
  if (shown.length === 0) return ''
  const blocks = shown.map(([name, spec]) => flagHelp(name, spec))
  return `Options:\n${blocks.join('\n\n')}`
}

export function flagHelp(name: string, spec: FlagSpec): string {
  const short = spec.short ? `-${spec.short}, ` : ''
  return `    ${short}--${kebab(name)}=${defaultText(spec)}:\n\t${spec.help}`
}

function defaultText({ kind, default: value }: FlagSpec): string {
  if (kind === 'string') return `'${value}'`
  if (kind === 'duration') return formatGoDuration(value as number)
  if (kind === 'array' || kind === 'slice') return `[${(value as readonly string[]).join(',')}]`
  return String(value)
}

function pointer({ subcommands = [] }: Command, path: string): string {
  const more =
    subcommands.length > 0
      ? `Use "${path} <command> --help" for more information about a given command.\n`
      : ''
  return `${more}Use "kubectl options" for a list of global command-line options (applies to all commands).`
}

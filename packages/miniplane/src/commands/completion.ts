import type { Command } from 'commander'
import type { Output } from './output.js'

/** Prints a completion script that knows the commands and their flags. Returns the exit code. */
export function printCompletion(program: Command, shell: string, out: Output): number {
  const script = SCRIPTS[shell]
  if (script === undefined) {
    out.error(`no completion for "${shell}": choose one of ${Object.keys(SCRIPTS).join(', ')}`)
    return 1
  }
  const commands = program.commands.map((command) => ({
    name: command.name(),
    flags: [...command.options.map((option) => option.long ?? ''), '--help'],
  }))
  out.line(script(commands))
  return 0
}

type Commands = readonly { readonly name: string; readonly flags: readonly string[] }[]

const SCRIPTS: Readonly<Record<string, (commands: Commands) => string>> = {
  bash: (commands) => bashLike(commands),
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bashLike(commands)}`,
  fish: (commands) =>
    commands
      .flatMap(({ name, flags }) => [
        `complete -c miniplane -n __fish_use_subcommand -a ${name}`,
        ...flags.map(
          (flag) =>
            `complete -c miniplane -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`,
        ),
      ])
      .join('\n'),
}

const bashLike = (commands: Commands): string => `_miniplane() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  case \${COMP_WORDS[1]} in
${commands.map(({ name, flags }) => `    ${name}) COMPREPLY=($(compgen -W '${flags.join(' ')}' -- "$current")) ;;`).join('\n')}
    *) COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$current")) ;;
  esac
}
complete -o default -F _miniplane miniplane`

import { type Command, CommandError, GLOBAL_FLAGS } from './command.js'

/** The completion script of a shell, for the commands and their flags. */
export function completionScript(shell: string, commands: readonly Command[]): string {
  const script = SCRIPTS[shell]
  if (script !== undefined) return script(commands)
  throw new CommandError(`no completion for "${shell}": choose bash, zsh or fish`)
}

const SCRIPTS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: (commands) => bash(commands),
  zsh: (commands) => `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`,
  fish: (commands) => fish(commands),
}

const longFlags = ({ flags }: Command): string[] =>
  [...Object.keys({ ...GLOBAL_FLAGS, ...flags }), 'help'].map((name) => `--${name}`)

/** By the words that are there already: those that may follow. */
function following(commands: readonly Command[]): Map<string, Set<string>> {
  const words = new Map<string, Set<string>>()
  const add = (before: string, word: string): void => {
    words.set(before, (words.get(before) ?? new Set()).add(word))
  }
  for (const command of commands) {
    const parts = command.name.split(' ')
    for (const [i, part] of parts.entries()) add(parts.slice(0, i).join(' '), part)
    for (const flag of longFlags(command)) add(command.name, flag)
  }
  return words
}

const bash = (commands: readonly Command[]): string => `_etcdutl() {
  local current=\${COMP_WORDS[COMP_CWORD]} words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || words="\${words:+$words }$word"
  done
  case $words in
${[...following(commands)]
  .map(([before, next]) => {
    const pattern = before === '' ? "''" : `'${before}'*`
    return `    ${pattern}) COMPREPLY=($(compgen -W '${[...next].join(' ')}' -- "$current")) ;;`
  })
  .sort()
  .reverse()
  .join('\n')}
  esac
}
complete -o default -F _etcdutl etcdutl`

const fish = (commands: readonly Command[]): string =>
  [...following(commands)]
    .flatMap(([before, next]) => {
      const condition =
        before === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${before}`
      return [...next].map((word) =>
        word.startsWith('--')
          ? `complete -c etcdutl -n '${condition}' -l ${word.slice(2)}`
          : `complete -c etcdutl -n '${condition}' -a ${word}`,
      )
    })
    .join('\n')

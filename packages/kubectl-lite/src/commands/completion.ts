import { type CommandEntry, defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { kebab } from '../cli/flags.js'

export const completion = defineCommand({
  usage: 'completion SHELL',
  summary: 'Output shell completion code for the specified shell (bash or zsh)',
  examples: ['source <(kubectl-lite completion bash)'],
  flags: {},
  async run(session, { args, path, root }) {
    const [shell, ...more] = args
    if (shell === undefined) throw usageError(path, 'Shell not specified.')
    if (more.length > 0) throw usageError(path, 'Too many arguments. Expected only the shell type.')
    if (shell !== 'bash' && shell !== 'zsh') {
      throw usageError(path, `Unsupported shell type ${JSON.stringify(shell)}.`)
    }
    const words = await wordsOf(root.subcommands ?? [], '')
    session.out.stdout(script(words, shell === 'zsh'))
  },
})

/** For each command path the words that can follow: subcommands and flags. */
async function wordsOf(
  entries: readonly CommandEntry[],
  path: string,
): Promise<Map<string, string[]>> {
  const words = new Map([[path, entries.map(({ name }) => name)]])
  for (const entry of entries) {
    const command = await entry.load()
    const at = path === '' ? entry.name : `${path} ${entry.name}`
    const below = await wordsOf(command.subcommands ?? [], at)
    const flags = Object.entries(command.flags).filter(([, spec]) => !spec.hidden)
    words.set(at, [])
    for (const [key, list] of below) words.set(key, list)
    words.set(at, [...(words.get(at) ?? []), ...flags.map(([name]) => `--${kebab(name)}`)])
  }
  return words
}

function script(words: ReadonlyMap<string, readonly string[]>, zsh: boolean): string {
  const cases = [...words].map(([path, list]) => `    '${path}') words='${list.join(' ')}' ;;`)
  const start = zsh ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''
  return `${start}_kubectl_lite() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    path="\${path:+$path }$word"
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _kubectl_lite kubectl-lite
`
}

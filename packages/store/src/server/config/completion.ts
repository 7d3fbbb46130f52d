import { optionNamed, optionNames } from './options/options.js'

const flags = (): string[] => ['config-file', 'help', 'version', ...optionNames]

const bash = (): string => `_etcd() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  case $current in
    -*) COMPREPLY=($(compgen -W '${flags()
      .map((name) => `--${name}`)
      .join(' ')}' -- "$current")) ;;
    *) [ "$COMP_CWORD" = 1 ] && COMPREPLY=($(compgen -W completion -- "$current")) ;;
  esac
}
complete -o default -F _etcd etcd`

const fish = (): string =>
  [
    'complete -c etcd -n __fish_use_subcommand -a completion',
    ...optionNames.map((name) => {
      const { type, help } = optionNamed(name)
      const argument = type.isBoolean ? '' : ' -r'
      return `complete -c etcd -l ${name}${argument} -d '${help.replaceAll("'", "\\'")}'`
    }),
  ].join('\n')

const SCRIPTS: Readonly<Record<string, () => string>> = {
  bash,
  zsh: () => `autoload -U +X bashcompinit && bashcompinit\n${bash()}`,
  fish,
}

/** The completion script of a shell; undefined when it is none of bash, zsh and fish. */
export const completionFor = (shell: string): string | undefined => SCRIPTS[shell]?.()

import { type OptionName, optionNamed, sections } from './options/options.js'

export const usage = `Usage:

  etcd [flags]
    Start a member of an etcd cluster.

  etcd --version
    Show the version.

  etcd -h | --help
    Show what there is to set.

  etcd --config-file
    Read the settings from this YAML file; flags and environment variables then don't count.

  etcd completion bash|zsh|fish
    Print the completion script of a shell.
`

/** Every flag by section, with its default. */
export const help = (): string =>
  [usage, ...Object.entries(sections).map(([title, names]) => section(title, names))].join('\n')

const section = (title: string, options: object): string =>
  `${title}:\n${(Object.keys(options) as OptionName[]).map(describe).join('')}`

function describe(name: OptionName): string {
  const { type, default: value, help: text, shownDefault, status } = optionNamed(name)
  const suffix =
    status === undefined ? '' : status === 'ignored' ? ' (No effect here.)' : ' (Not supported.)'
  return `  --${name} '${shownDefault ?? type.print(value)}'\n    ${text}${suffix}\n`
}

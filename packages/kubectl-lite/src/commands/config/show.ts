import type { KubeObject } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { printerFor, printFlags } from '../../printers/print-flags.js'
import { GET_LAYOUT, layOut } from '../../printers/tab-writer.js'
import { type ConfigFile, configObject, type Entry, readConfig } from './config-file.js'

export const currentContext = defineCommand({
  usage: 'current-context [options]',
  summary: 'Display the current-context',
  flags: {},
  async run(session) {
    const config = readConfig(session)
    if (config.currentContext === '') throw new CommandError('current-context is not set')
    session.line(config.currentContext)
  },
})

const names = (map: ReadonlyMap<string, unknown>): string[] => [...map.keys()].sort()

export const getClusters = defineCommand({
  usage: 'get-clusters [options]',
  summary: 'Display clusters defined in the kubeconfig',
  flags: {},
  async run(session) {
    session.line('NAME')
    for (const name of names(readConfig(session).clusters)) session.line(name)
  },
})

export const getUsers = defineCommand({
  usage: 'get-users [options]',
  summary: 'Display users defined in the kubeconfig',
  flags: {},
  async run(session) {
    session.line('NAME')
    for (const name of names(readConfig(session).users)) session.line(name)
  },
})

export const getContexts = defineCommand({
  usage: 'get-contexts [(-o|--output=)name)] [options]',
  summary: 'Describe one or many contexts',
  flags: {
    noHeaders: flag.bool(
      "When using the default or custom-column output format, don't print headers.",
    ),
    output: flag.string('Output format. One of: (name).', { short: 'o' }),
  },
  async run(session, { args, flags }) {
    const config = readConfig(session)
    const wanted = args.length === 0 ? names(config.contexts) : args
    const lines =
      flags.noHeaders || flags.output === 'name'
        ? []
        : ['CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE']
    const missing: string[] = []
    for (const name of [...wanted].sort()) {
      const context = config.contexts.get(name)
      if (!context) missing.push(name)
      else if (flags.output === 'name') lines.push(name)
      else lines.push(contextRow(config, name, context))
    }
    session.out.stdout(layOut(GET_LAYOUT, lines.map((line) => `${line}\n`).join('')))
    const [first] = missing
    if (first !== undefined) throw new CommandError(`context ${first} not found`)
  },
})

function contextRow(config: ConfigFile, name: string, context: Entry): string {
  const mark = config.currentContext === name ? '*' : ''
  const { cluster = '', user = '', namespace = '' } = context
  return [mark, name, cluster, user, namespace].join('\t')
}

const SECRET_FIELDS = ['token', 'password']
const DATA_FIELDS = ['certificate-authority-data', 'client-certificate-data', 'client-key-data']

export const view = defineCommand({
  usage: 'view [flags] [options]',
  summary: 'Display merged kubeconfig settings or a specified kubeconfig file',
  flags: {
    ...printFlags,
    flatten: flag.bool('Flatten the resulting kubeconfig file into self-contained output.'),
    merge: flag.bool('Merge the full hierarchy of kubeconfig files', { default: true }),
    minify: flag.bool('Remove all information not used by current-context from the output'),
    raw: flag.bool('Display raw byte data and sensitive data'),
  },
  async run(session, { flags }) {
    const config = readConfig(session)
    if (session.globals.context) config.currentContext = session.globals.context
    const chosen = flags.minify ? minified(config) : config
    const object = configObject(flags.raw ? chosen : redacted(chosen))
    const output = flags.output === '' ? 'yaml' : flags.output
    const printer = await printerFor({ ...flags, output, keepOrder: true })
    session.out.stdout(printer.print(object as unknown as KubeObject))
  },
})

/** Only what the current context uses. */
function minified(config: ConfigFile): ConfigFile {
  const name = config.currentContext
  if (name === '') throw new CommandError('current-context must exist in order to minify')
  const context = config.contexts.get(name)
  if (!context) throw new CommandError(`cannot locate context ${name}`)
  const only = (map: ReadonlyMap<string, Entry>, key: unknown) =>
    new Map([...map].filter(([one]) => one === key))
  return {
    ...config,
    contexts: only(config.contexts, name),
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
  }
}

function redacted(config: ConfigFile): ConfigFile {
  const hide = (entry: Entry): Entry =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => {
        if (SECRET_FIELDS.includes(key)) return [key, 'REDACTED']
        return [key, DATA_FIELDS.includes(key) ? 'DATA+OMITTED' : value]
      }),
    )
  const all = (map: ReadonlyMap<string, Entry>) =>
    new Map([...map].map(([name, entry]) => [name, hide(entry)]))
  return { ...config, users: all(config.users), clusters: all(config.clusters) }
}

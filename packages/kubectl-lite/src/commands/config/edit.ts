import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, defineCommand } from '../../cli/command.js'
import { usageError } from '../../cli/dispatch.js'
import { type FlagSpecs, type FlagValues, flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { openFault } from '../../errors/file-fault.js'
import type { Session } from '../../session/session.js'
import { type ConfigFile, configPath, type Entry, readConfig, writeConfig } from './config-file.js'

type List = 'clusters' | 'users' | 'contexts'

/** Reads the file, changes it, writes it, and says what was done. */
function editing(
  usage: string,
  summary: string,
  names: number,
  change: (config: ConfigFile, args: readonly string[], session: Session) => string,
): Command {
  return defineCommand({
    usage,
    summary,
    flags: {},
    async run(session, { args }) {
      if (args.length !== names) {
        throw new CommandError(`Unexpected args: [${args.join(' ')}]`)
      }
      const config = readConfig(session)
      const said = change(config, args, session)
      writeConfig(session, config)
      session.line(said)
    },
  })
}

export const useContext = editing(
  'use-context CONTEXT_NAME [options]',
  'Set the current-context in a kubeconfig file',
  1,
  (config, [name = '']) => {
    if (!config.contexts.has(name)) {
      throw new CommandError(`no context exists with the name: "${name}"`)
    }
    config.currentContext = name
    return `Switched to context "${name}".`
  },
)

const deleting = (list: List, noun: string): Command =>
  editing(
    `delete-${noun} NAME [options]`,
    `Delete the specified ${noun} from the kubeconfig`,
    1,
    (config, [name = ''], session) => {
      const file = configPath(session)
      if (!config[list].has(name)) {
        throw new CommandError(`cannot delete ${noun} ${name}, not in ${file}`)
      }
      if (list === 'contexts' && config.currentContext === name) {
        session.out.stderr(
          'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
        )
      }
      config[list].delete(name)
      return `deleted ${noun} ${name} from ${file}`
    },
  )

export const deleteCluster = deleting('clusters', 'cluster')
export const deleteContext = deleting('contexts', 'context')
export const deleteUser = deleting('users', 'user')

export const renameContext = editing(
  'rename-context CONTEXT_NAME NEW_NAME [options]',
  'Rename a context from the kubeconfig file',
  2,
  (config, [from = '', to = ''], session) => {
    const context = config.contexts.get(from)
    if (!context) {
      throw new CommandError(
        `cannot rename the context "${from}", it's not in ${configPath(session)}`,
      )
    }
    if (config.contexts.has(to)) {
      throw new CommandError(
        `cannot rename the context "${from}", the context "${to}" already exists in ${configPath(session)}`,
      )
    }
    config.contexts.set(to, context)
    config.contexts.delete(from)
    if (config.currentContext === from) config.currentContext = to
    return `Context "${from}" renamed to "${to}".`
  },
)

/** Empty values leave an entry's field alone, undefined ones take it away. */
type Values = Readonly<Record<string, unknown>>

/** Sets the fields that were given as flags on the entry of that name. */
function setEntry(config: ConfigFile, list: List, name: string, values: Values): boolean {
  const isNew = !config[list].has(name)
  const entry: Entry = { ...config[list].get(name) }
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete entry[key]
    else if (value !== '' && value !== false) entry[key] = value
  }
  config[list].set(name, entry)
  return isNew
}

const emptyName = (list: List): string =>
  list === 'contexts'
    ? 'you must specify a non-empty context name or --current'
    : 'you must specify a non-empty name'

function entryCommand<F extends FlagSpecs>(spec: {
  readonly name: string
  readonly list: List
  readonly noun: string
  readonly flags: F
  readonly valuesOf: (session: Session, flags: FlagValues<F>) => Values
}): Command {
  return defineCommand({
    usage: `${spec.name} NAME [options]`,
    summary: `Set a ${spec.noun.toLowerCase()} entry in kubeconfig`,
    flags: { ...spec.flags, current: flag.bool('Modify the current context') },
    async run(session, { args, flags, path }) {
      const config = readConfig(session)
      const current = (flags as { current: boolean }).current
      const name = current ? config.currentContext : args[0]
      if (args.length > 1 || (current && args.length > 0)) {
        throw usageError(path, `unexpected args: [${args.join(' ')}]`)
      }
      if (!name)
        throw new CommandError(current ? 'no current context is set' : emptyName(spec.list))
      const isNew = setEntry(
        config,
        spec.list,
        name,
        spec.valuesOf(session, flags as FlagValues<F>),
      )
      writeConfig(session, config)
      const done = spec.list === 'contexts' ? (isNew ? 'created' : 'modified') : 'set'
      session.line(`${spec.noun} "${name}" ${done}.`)
    },
  })
}

export const setContext = entryCommand({
  name: 'set-context',
  list: 'contexts',
  noun: 'Context',
  flags: {},
  valuesOf: ({ globals: { cluster, user, namespace } }) => ({ cluster, user, namespace }),
})

export const setCluster = entryCommand({
  name: 'set-cluster',
  list: 'clusters',
  noun: 'Cluster',
  flags: {
    embedCerts: flag.bool('embed-certs for the cluster entry in kubeconfig'),
    proxyUrl: flag.string('proxy-url for the cluster entry in kubeconfig'),
  },
  valuesOf: (session, { embedCerts, proxyUrl }) => {
    const { globals } = session
    const authority = globals.certificateAuthority
    return {
      server: globals.server,
      'tls-server-name': globals.tlsServerName,
      'proxy-url': proxyUrl,
      'insecure-skip-tls-verify': globals.insecureSkipTlsVerify,
      ...(authority === '' ? {} : { 'insecure-skip-tls-verify': undefined }),
      ...pemValues(session, 'certificate-authority', authority, embedCerts),
    }
  },
})

export const setCredentials = entryCommand({
  name: 'set-credentials',
  list: 'users',
  noun: 'User',
  flags: {
    embedCerts: flag.bool('Embed client cert/key for the user entry in kubeconfig'),
    execApiVersion: flag.string('API version of the exec credential plugin for the user entry'),
    execArg: flag.slice('New arguments for the exec credential plugin command'),
    execCommand: flag.string('Command for the exec credential plugin for the user entry'),
    execEnv: flag.array("'key=value' environment values for the exec credential plugin"),
  },
  valuesOf: (session, flags) => {
    const { token, username, password, clientCertificate, clientKey } = session.globals
    return {
      token,
      username,
      password,
      // One way of signing in takes the place of another.
      ...(token === '' ? {} : { username: undefined, password: undefined }),
      ...(username + password === '' ? {} : { token: undefined }),
      ...pemValues(session, 'client-certificate', clientCertificate, flags.embedCerts),
      ...pemValues(session, 'client-key', clientKey, flags.embedCerts),
      ...(flags.execCommand === '' ? {} : { exec: execOf(flags) }),
    }
  },
})

function execOf(flags: {
  readonly execApiVersion: string
  readonly execArg: readonly string[]
  readonly execCommand: string
  readonly execEnv: readonly string[]
}): Entry {
  const env = flags.execEnv.map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s, 2)
    return { name, value }
  })
  return {
    apiVersion: flags.execApiVersion,
    args: flags.execArg.length > 0 ? flags.execArg : null,
    command: flags.execCommand,
    env: env.length > 0 ? env : null,
    provideClusterInfo: false,
  }
}

/** A file by its path, or what it holds. */
function pemValues(session: Session, field: string, path: string, embeds: boolean): Values {
  if (path === '') return {}
  const full = resolve(session.environment.folder, path)
  if (!embeds) return { [field]: full, [`${field}-data`]: undefined }
  try {
    return { [`${field}-data`]: readFileSync(full).toString('base64'), [field]: undefined }
  } catch (error) {
    const reason = openFault(path, error).replace(/^open/, 'stat')
    throw new CommandError(`could not stat ${field} file ${path}: ${reason}`, { cause: error })
  }
}

interface Place {
  readonly list: List
  readonly name: string
  /** A new one when there is none of that name yet. */
  readonly entry: Entry
  readonly key: string
}

/** Where a property such as `contexts.dev.namespace` stands; names may contain dots. */
function place(config: ConfigFile, property: string): Place | 'current' {
  if (property === 'current-context') return 'current'
  const [list = '', ...rest] = property.split('.')
  const key = rest.pop()
  if (!['clusters', 'users', 'contexts'].includes(list) || key === undefined) {
    throw new CommandError(`unable to parse ${property} after [] at api.Config`)
  }
  const name = rest.join('.')
  return { list: list as List, name, entry: config[list as List].get(name) ?? {}, key }
}

export const setValue = editing(
  'set PROPERTY_NAME PROPERTY_VALUE [options]',
  'Set an individual value in a kubeconfig file',
  2,
  (config, [property = '', value = '']) => {
    const found = place(config, property)
    if (found === 'current') config.currentContext = value
    else {
      found.entry[found.key] = /^(true|false)$/.test(value) ? value === 'true' : value
      config[found.list].set(found.name, found.entry)
    }
    return `Property "${property}" set.`
  },
)

export const unsetValue = editing(
  'unset PROPERTY_NAME [options]',
  'Unset an individual value in a kubeconfig file',
  1,
  (config, [property = '']) => {
    const [list = '', ...name] = property.split('.')
    const map = config[list as List]
    if (property === 'current-context') config.currentContext = ''
    else if (map instanceof Map && map.has(name.join('.'))) map.delete(name.join('.'))
    else {
      const found = place(config, property)
      if (found !== 'current') delete found.entry[found.key]
    }
    return `Property "${property}" unset.`
  },
)

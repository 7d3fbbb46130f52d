import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseYaml } from '@miniplane/api'
import { kubeconfigPaths } from '@miniplane/client'
import { CommandError } from '../../errors/errors.js'
import { yamlText } from '../../printers/object-text.js'
import { writePrivate } from '../../private-file.js'
import type { Session } from '../../session/session.js'

export type Entry = Record<string, unknown>

/** A kubeconfig as it is kept: names to entries, with everything this program does not know. */
export interface ConfigFile {
  currentContext: string
  readonly clusters: Map<string, Entry>
  readonly users: Map<string, Entry>
  readonly contexts: Map<string, Entry>
  /** Whatever else the file holds. */
  readonly rest: Entry
}

/** The file that changes go to. */
export function configPath(session: Session): string {
  const paths = kubeconfigPaths(session.globals.kubeconfig, session.environment.variables)
  const { folder } = session.environment
  return paths.find((path) => existsSync(resolve(folder, path))) ?? paths[0] ?? ''
}

/** The files merged, the first to say something winning; missing files are empty. */
export function readConfig(session: Session): ConfigFile {
  const merged = emptyConfig()
  for (const path of kubeconfigPaths(session.globals.kubeconfig, session.environment.variables)) {
    const one = readOne(resolve(session.environment.folder, path), path)
    merged.currentContext ||= one.currentContext
    for (const list of ['clusters', 'users', 'contexts'] as const) {
      for (const [name, entry] of one[list]) {
        if (!merged[list].has(name)) merged[list].set(name, entry)
      }
    }
    Object.assign(merged.rest, one.rest)
  }
  return merged
}

const emptyConfig = (): ConfigFile => ({
  currentContext: '',
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
  rest: {},
})

function readOne(path: string, shown: string): ConfigFile {
  if (!existsSync(path)) return emptyConfig()
  let value: unknown
  try {
    value = parseYaml(readFileSync(path, 'utf8')).value
  } catch (error) {
    throw new CommandError(`error loading config file "${shown}": ${(error as Error).message}`)
  }
  const { clusters, users, contexts, 'current-context': current, ...rest } = (value ?? {}) as Entry
  return {
    currentContext: (current as string | undefined) ?? '',
    clusters: byName(clusters, 'cluster'),
    users: byName(users, 'user'),
    contexts: byName(contexts, 'context'),
    rest,
  }
}

const byName = (list: unknown, field: string): Map<string, Entry> =>
  new Map(
    ((list as Entry[] | null | undefined) ?? []).map((item) => [
      item.name as string,
      (item[field] as Entry) ?? {},
    ]),
  )

/** In the order in which Go writes its struct. */
export function configObject(config: ConfigFile): Entry {
  const list = (map: ReadonlyMap<string, Entry>, field: string) =>
    map.size === 0
      ? null
      : [...map]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, entry]) => ({ name, [field]: entry }))
  const { kind: _, apiVersion: __, preferences: ___, ...rest } = config.rest
  return {
    kind: 'Config',
    apiVersion: 'v1',
    clusters: list(config.clusters, 'cluster'),
    users: list(config.users, 'user'),
    contexts: list(withReferences(config.contexts), 'context'),
    'current-context': config.currentContext,
    ...rest,
  }
}

/** A context says which cluster and user it means, also when it means none. */
const withReferences = (contexts: ReadonlyMap<string, Entry>): Map<string, Entry> =>
  new Map([...contexts].map(([name, entry]) => [name, { cluster: '', user: '', ...entry }]))

export function writeConfig(session: Session, config: ConfigFile): void {
  const path = resolve(session.environment.folder, configPath(session))
  mkdirSync(dirname(path), { recursive: true })
  writePrivate(path, yamlText(configObject(config)))
}

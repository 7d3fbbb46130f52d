import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { isConfigMapKey } from '@miniplane/api'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import type { Session } from '../../session/session.js'
import { envNameProblems } from '../../workload/env-name.js'

/** Flags by which config maps and secrets are filled. */
export const keyValueFlags = {
  appendHash: flag.bool('Append a hash of the object to its name.'),
  fromEnvFile: flag.slice('Specify the path to a file to read lines of key=val pairs to create.'),
  fromFile: flag.slice(
    'Key file can be specified using its file path, in which case file basename will be used as key, or optionally with a key and file path, in which case the given key will be used.',
  ),
  fromLiteral: flag.array('Specify a key and literal value to insert (i.e. mykey=somevalue)'),
}

interface Sources {
  readonly fromEnvFile: readonly string[]
  readonly fromFile: readonly string[]
  readonly fromLiteral: readonly string[]
}

/** What the object being filled says of keys that it can't take. */
export interface KeyRefusals {
  invalid(key: string, problems: readonly string[]): CommandError
  repeated(key: string): CommandError
}

/** Reads all sources. */
export function readKeyValues(
  session: Session,
  sources: Sources,
  refuse: KeyRefusals,
): Map<string, Buffer> {
  if (sources.fromEnvFile.length > 0 && sources.fromFile.length + sources.fromLiteral.length > 0) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal')
  }
  const values = new Map<string, Buffer>()
  const add = (key: string, value: Buffer) => {
    const problems = isConfigMapKey(key)
    if (problems.length > 0) throw refuse.invalid(key, problems)
    if (values.has(key)) throw refuse.repeated(key)
    values.set(key, value)
  }
  const { folder } = session.environment
  for (const source of sources.fromFile) {
    for (const [key, value] of readFileSource(folder, source)) add(key, value)
  }
  for (const source of sources.fromLiteral) {
    const [key, value] = splitLiteral(source)
    add(key, Buffer.from(value))
  }
  for (const name of sources.fromEnvFile) {
    for (const [key, value] of readEnvFile(session, name)) add(key, Buffer.from(value))
  }
  return values
}

function splitLiteral(source: string): [string, string] {
  const equals = source.indexOf('=')
  if (equals <= 0) {
    throw new CommandError(`invalid literal source ${source}, expected key=value`)
  }
  const value = source.slice(equals + 1)
  return [source.slice(0, equals), value.replace(/^(["'])(.*)\1$/s, '$2')]
}

function readFileSource(folder: string, source: string): [string, Buffer][] {
  const { key, path } = splitFileSource(source)
  const full = resolve(folder, path)
  const stats = statSync(full, { throwIfNoEntry: false })
  if (!stats) throw new CommandError(`error reading ${path}: no such file or directory`)
  if (!stats.isDirectory()) {
    return [[key ?? basename(path), readFileSync(full)]]
  }
  if (key !== undefined) {
    throw new CommandError('cannot give a key name for a directory path')
  }
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(full, entry.name))])
}

/** `[key=]path` */
function splitFileSource(source: string): { key?: string; path: string } {
  const [key = '', path, ...more] = source.split('=')
  if (path === undefined) return { path: source }
  if (more.length > 0) throw new CommandError("key names or file paths cannot contain '='")
  if (key === '') throw new CommandError(`key name for file path ${path} missing`)
  if (path === '') throw new CommandError(`file path for key name ${key} missing`)
  return { key, path }
}

function readEnvFile(session: Session, name: string): [string, string][] {
  const path = resolve(session.environment.folder, name)
  if (!statSync(path, { throwIfNoEntry: false })) {
    throw new CommandError(`error reading ${name}: no such file or directory`)
  }
  const pairs: [string, string][] = []
  for (const [at, raw] of readFileSync(path, 'utf8').split('\n').entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const [key = '', ...rest] = line.split('=')
    const problems = envNameProblems(key)
    if (problems.length > 0) {
      throw new CommandError(
        `env-file ${name}, line ${at + 1}: ${JSON.stringify(key)} is not a valid key name: ${problems.join(',')}`,
      )
    }
    const value = line.includes('=') ? rest.join('=') : (session.environment.variables[key] ?? '')
    pairs.push([key, value])
  }
  return pairs
}

/** Text that is not UTF-8 has to travel as base64. */
export const isUtf8 = (bytes: Buffer): boolean => Buffer.from(bytes.toString('utf8')).equals(bytes)

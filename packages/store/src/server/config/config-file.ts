import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.js'
import type { Draft, Given } from './flags.js'
import { type OptionName, optionNamed, resolveName } from './options/options.js'

export interface ConfigFile {
  readonly given: Given
  /** Keys that mean nothing here. */
  readonly unknown: readonly string[]
}

/** Reads a YAML file with the flags' names as keys, and etcd's two sections for TLS. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const draft: Draft = {}
  const unknown: string[] = []
  for (const [key, value] of Object.entries(await load(path))) {
    const section = SECTIONS[key]
    if (section === undefined) take(key, resolveName(key), value)
    else
      for (const [inner, innerValue] of Object.entries(asMap(value, `${path}: ${key}`)))
        take(`${key}.${inner}`, resolveName(section(inner)), innerValue)
  }
  return { given: draft as Given, unknown }

  function take(key: string, name: OptionName | undefined, value: unknown): void {
    if (name === undefined) unknown.push(key)
    else if (value !== null && value !== '') draft[name] = convert(key, name, value)
  }
}

const ALLOWED: Readonly<Record<string, string>> = {
  'allowed-cn': 'cert-allowed-cn',
  'allowed-hostname': 'cert-allowed-hostname',
  'client-crl-file': 'crl-file',
}

/** Each section's keys, as flags. */
const SECTIONS: Readonly<Record<string, (key: string) => string>> = {
  'client-transport-security': (key) =>
    key === 'allowed-hostname' || key === 'crl-file' ? `client-${ALLOWED[key] ?? key}` : key,
  'peer-transport-security': (key) => `peer-${ALLOWED[key] ?? key}`,
}

async function load(path: string): Promise<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`open ${path}: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error,
    })
  }
  const { load: parse } = await import('js-yaml')
  try {
    return asMap(parse(text) ?? {}, path)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const problem = (error as Error).message.split('\n')[0]
    throw new ConfigError(`${path} is not YAML: ${problem}`, { cause: error })
  }
}

function asMap(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new ConfigError(`${where}: expected keys and values`)
}

function convert(key: string, name: OptionName, value: unknown): unknown {
  const { type } = optionNamed(name)
  try {
    if (typeof value === 'number' && type.fromNumber) return type.fromNumber(value)
    return type.parse(Array.isArray(value) ? value.map(scalar).join(',') : scalar(value))
  } catch (error) {
    const problem = (error as Error).message
    throw new ConfigError(`invalid value ${JSON.stringify(value)} for ${key}: ${problem}`)
  }
}

function scalar(value: unknown): string {
  if (typeof value === 'object') throw new Error('expected a single value')
  return String(value)
}

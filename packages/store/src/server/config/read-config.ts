import { ConfigError } from './config-error.js'
import { readConfigFile } from './config-file.js'
import { readEnvironment } from './environment.js'
import type { CommandLine, Given } from './flags.js'
import { DEFAULT_NAME } from './options/member.js'
import { defaultSettings, type OptionName, optionNamed, type Settings } from './options/options.js'
import { validate } from './validate.js'

export interface Config {
  readonly settings: Settings
  /** What is odd but no reason not to start. */
  readonly warnings: readonly string[]
}

/**
 * The settings: flags before variables before defaults; or, with a file, the file alone before
 * defaults. Throws a `ConfigError`.
 */
export async function readConfig(
  line: CommandLine,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  if (line.rest.length > 0)
    throw new ConfigError(`${JSON.stringify(line.rest[0])} is not a valid flag`)
  const path = line.configFile ?? (variables.ETCD_CONFIG_FILE || undefined)
  if (path !== undefined) {
    const { given, unknown } = await readConfigFile(path)
    return settle(
      given,
      unknown.map((key) => `unknown key in the configuration file: ${key}`),
    )
  }
  const { given, unknown } = readEnvironment(variables, line.given)
  return settle(
    { ...given, ...line.given },
    unknown.map((variable) => `unrecognized environment variable: ${variable}`),
  )
}

/** What was given, with the defaults that depend on it. Throws a `ConfigError`. */
export function settle(given: Given, warnings: readonly string[] = []): Config {
  const merged: Settings = { ...defaultSettings, ...given }
  const name = merged.name === '' ? DEFAULT_NAME : merged.name
  const settings: Settings = {
    ...merged,
    name,
    'data-dir': merged['data-dir'] || `${name}.etcd`,
    'initial-cluster': initialCluster(given, { ...merged, name }),
  }
  validate(settings, given)
  return { settings, warnings: [...warnings, ...ignoredOptions(given)] }
}

/** etcd's default has the default name and URL; a member with a name of its own has its own URLs. */
function initialCluster(given: Given, settings: Settings): string {
  const { name } = settings
  if (given['initial-cluster'] !== undefined || name === DEFAULT_NAME)
    return settings['initial-cluster']
  return settings['initial-advertise-peer-urls'].map((url) => `${name}=${url}`).join(',')
}

function ignoredOptions(given: Given): string[] {
  return (Object.keys(given) as OptionName[])
    .filter((name) => {
      const { status, default: value } = optionNamed(name)
      return status === 'ignored' && given[name] !== value
    })
    .map((name) => `--${name} has no effect here`)
}

import { ConfigError } from './config-error.js'
import type { Draft, Given } from './flags.js'
import { optionNamed, resolveName } from './options/options.js'

const PREFIX = 'ETCD_'
/** What others than this program read. */
const NOT_OURS = ['ETCD_CONFIG_FILE', 'ETCD_VERSION', 'ETCD_UNSUPPORTED_ARCH']

export interface Environment {
  readonly given: Given
  readonly configFile: string | undefined
  /** Variables that look like ours and aren't. */
  readonly unknown: readonly string[]
}

/** `ETCD_DATA_DIR` for `--data-dir`. What a flag has said as well is not even looked at. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  flags: Given,
): Environment {
  const draft: Draft = {}
  const unknown: string[] = []
  for (const [variable, text] of Object.entries(variables)) {
    if (!variable.startsWith(PREFIX) || text === undefined || NOT_OURS.includes(variable)) continue
    const name = resolveName(variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-'))
    if (name === undefined) unknown.push(`${variable}=${text}`)
    else if (!Object.hasOwn(flags, name) && text !== '') {
      draft[name] = parse(variable, text, () => optionNamed(name).type.parse(text))
    }
  }
  return { given: draft as Given, unknown, configFile: variables.ETCD_CONFIG_FILE || undefined }
}

function parse(variable: string, text: string, run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    const problem = (error as Error).message
    throw new ConfigError(`invalid value ${JSON.stringify(text)} for ${variable}: ${problem}`)
  }
}

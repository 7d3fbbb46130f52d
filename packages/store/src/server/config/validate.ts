import { isIP } from 'node:net'
import { parseInitialCluster } from '../../membership/urls.js'
import { parseAddress } from '../listen/address.js'
import { tokenSettingsOf } from './auth-token.js'
import { compactionOf } from './auto-compaction.js'
import { ConfigError } from './config-error.js'
import type { Given } from './flags.js'
import { type OptionName, optionNamed, type Settings } from './options/options.js'
import { printDuration } from './value-type.js'

const ELECTION_TIMEOUT_MS_MAX = 50_000

/** Settings that contradict each other, or that this program can't follow. Throws a `ConfigError`. */
export function validate(settings: Settings, given: Given): void {
  checkRefused(given)
  checkUrls(settings, given)
  checkTimes(settings)
  checkWords(settings)
  checkFilePairs(settings)
  compactionOf(settings)
  tokenSettingsOf(settings)
}

function checkRefused(given: Given): void {
  const refused = (Object.keys(given) as OptionName[]).find(
    (name) => optionNamed(name).status === 'refused' && given[name] !== optionNamed(name).default,
  )
  if (refused === undefined) return
  if (given['initial-cluster'] !== undefined) {
    throw new ConfigError(
      'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery", "discovery-endpoints" or "discovery-srv"',
    )
  }
  throw new ConfigError(
    `--${refused} is not supported: name the members with --initial-cluster instead`,
  )
}

const BINDING = [
  'listen-peer-urls',
  'listen-client-urls',
  'listen-client-http-urls',
  'listen-metrics-urls',
] as const

function checkUrls(settings: Settings, given: Given): void {
  for (const name of BINDING) for (const url of settings[name]) checkBindable(url)
  for (const name of ['initial-advertise-peer-urls', 'advertise-client-urls'] as const)
    if (settings[name].length === 0) throw new ConfigError(`--${name} must not be empty`)
  if (
    given['listen-client-urls'] !== undefined &&
    given['advertise-client-urls'] === undefined &&
    (given['listen-client-urls'] as readonly string[]).length > 0
  ) {
    throw new ConfigError(
      '--advertise-client-urls is required when --listen-client-urls is set explicitly',
    )
  }
  try {
    parseInitialCluster(settings['initial-cluster'])
  } catch (error) {
    throw new ConfigError(`--initial-cluster: ${(error as Error).message}`, { cause: error })
  }
}

/** A name may stand for several addresses, or for another machine's. */
function checkBindable(text: string): void {
  const { target } = parseAddress(text)
  if ('path' in target) return
  const { host } = target
  if (host === 'localhost' || host === '' || isIP(host) !== 0) return
  throw new ConfigError(`expected IP in URL for binding (${text})`)
}

function checkTimes(settings: Settings): void {
  const heartbeat = settings['heartbeat-interval']
  const election = settings['election-timeout']
  if (heartbeat === 0) throw new ConfigError('--heartbeat-interval must be >0 (set to 0ms)')
  if (election === 0) throw new ConfigError('--election-timeout must be >0 (set to 0ms)')
  if (5 * heartbeat > election) {
    throw new ConfigError(
      `--election-timeout[${election}ms] should be at least as 5 times as --heartbeat-interval[${heartbeat}ms]`,
    )
  }
  if (election > ELECTION_TIMEOUT_MS_MAX) {
    throw new ConfigError(
      `--election-timeout[${election}ms] is too long, and should be set less than ${ELECTION_TIMEOUT_MS_MAX}ms`,
    )
  }
  const interval = settings['watch-progress-notify-interval']
  if (interval <= 0) {
    throw new ConfigError(
      `--watch-progress-notify-interval must be positive, not ${printDuration(interval)}`,
    )
  }
}

const WORDS: Partial<Record<OptionName, readonly string[]>> = {
  metrics: ['basic', 'extensive'],
  logger: ['zap', 'capnslog'],
  'log-format': ['json', 'console'],
  'log-level': ['debug', 'info', 'warn', 'error', 'dpanic', 'panic', 'fatal'],
}

function checkWords(settings: Settings): void {
  for (const [name, words] of Object.entries(WORDS)) {
    const word = String(settings[name as OptionName])
    if (!words.includes(word)) {
      throw new ConfigError(
        `unknown ${name} ${JSON.stringify(word)}: choose one of ${words.join(', ')}`,
      )
    }
  }
  const cost = settings['bcrypt-cost']
  if (cost < 4 || cost > 31) throw new ConfigError(`--bcrypt-cost must be 4 to 31, not ${cost}`)
  if (settings['tls-min-version'] === 'TLS1.3' && settings['tls-max-version'] === 'TLS1.2')
    throw new ConfigError('min version (TLS1.3) is greater than max version (TLS1.2)')
}

/** One file is of no use without the other. */
const PAIRS = [
  ['cert-file', 'key-file'],
  ['peer-cert-file', 'peer-key-file'],
  ['client-cert-file', 'client-key-file'],
  ['peer-client-cert-file', 'peer-client-key-file'],
] as const

function checkFilePairs(settings: Settings): void {
  for (const [cert, key] of PAIRS) {
    if ((settings[cert] === '') !== (settings[key] === ''))
      throw new ConfigError(`--${cert} and --${key} must both be present, or both absent`)
  }
}

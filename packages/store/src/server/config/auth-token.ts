import { signMethods } from '../../auth/jwt-tokens.js'
import { ConfigError } from './config-error.js'
import type { Settings } from './options/options.js'
import { parseDuration } from './value-type.js'

export interface JwtSettings {
  readonly type: 'jwt'
  readonly method: string
  readonly ttlMs: number
  /** One of the two may be empty. */
  readonly publicKeyFile: string
  readonly privateKeyFile: string
}

const DEFAULT_TTL = '5m'
const KNOWN = ['pub-key', 'priv-key', 'sign-method', 'ttl']

/**
 * Reads `--auth-token`: `simple`, or `jwt,pub-key=app.pub,priv-key=app.key,sign-method=RS256,ttl=10m`.
 * Throws a `ConfigError`.
 */
export function tokenSettingsOf(
  settings: Pick<Settings, 'auth-token'>,
): JwtSettings | { readonly type: 'simple' } {
  const text = settings['auth-token']
  const [type, ...pairs] = text.split(',')
  const refuse = (problem: string): never => {
    throw new ConfigError(`--auth-token ${JSON.stringify(text)}: ${problem}`)
  }
  if (type === 'simple' || type === '') return { type: 'simple' }
  if (type !== 'jwt') return refuse("choose 'simple' or 'jwt'")
  const options = new Map(pairs.map((pair) => pair.split('=', 2) as [string, string | undefined]))
  const unknown = [...options.keys()].find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) return refuse(`there is no option ${unknown}`)
  const method = options.get('sign-method') ?? ''
  if (!(signMethods as readonly string[]).includes(method))
    return refuse(`sign-method must be one of ${signMethods.join(', ')}`)
  const ttlMs = parseDuration(options.get('ttl') ?? DEFAULT_TTL)
  if (ttlMs === undefined || ttlMs <= 0) return refuse('ttl must be a duration')
  const publicKeyFile = options.get('pub-key') ?? ''
  const privateKeyFile = options.get('priv-key') ?? ''
  if (publicKeyFile === '' && privateKeyFile === '') return refuse('pub-key or priv-key is missing')
  return { type, method, ttlMs, publicKeyFile, privateKeyFile }
}

import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { JwtTokens, keyProblem } from '../auth/jwt-tokens.js'
import { SimpleTokens, type TokenProvider } from '../auth/tokens.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { type JwtSettings, tokenSettingsOf } from './config/auth-token.js'
import type { Settings } from './config/options/options.js'

/** How users' tokens are made, as `--auth-token` has it. Throws when a key can't be read. */
export function openTokens(
  settings: Settings,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): TokenProvider {
  const chosen = tokenSettingsOf(settings)
  if (chosen.type === 'simple')
    return new SimpleTokens({ clock, random, ttlMs: settings['auth-token-ttl'] * 1000 })
  const { method, ttlMs } = chosen
  const keys = keysOf(chosen)
  const tokens = new JwtTokens({ clock, method, ttlMs, ...keys })
  if (keys.signKey !== undefined && tokens.find(tokens.issue('', 0)) === undefined)
    throw new Error("--auth-token: pub-key and priv-key don't belong together")
  return tokens
}

interface Keys {
  readonly verifyKey: KeyObject
  /** Undefined: tokens come from elsewhere. */
  readonly signKey: KeyObject | undefined
}

function keysOf({ method, publicKeyFile, privateKeyFile }: JwtSettings): Keys {
  const read = <T extends KeyObject>(file: string, parse: (content: Buffer) => T): T => {
    const key = parsed(file, parse)
    const problem = keyProblem(method, key)
    if (problem !== undefined) throw new Error(`--auth-token: ${file}: ${problem}`)
    return key
  }
  if (method.startsWith('HS')) {
    const secret = read(privateKeyFile || publicKeyFile, (content) => createSecretKey(content))
    return { verifyKey: secret, signKey: secret }
  }
  const signKey =
    privateKeyFile === '' ? undefined : read(privateKeyFile, (content) => createPrivateKey(content))
  const verifyKey = read(publicKeyFile || privateKeyFile, (content) => createPublicKey(content))
  return { signKey, verifyKey }
}

function parsed<T>(file: string, parse: (content: Buffer) => T): T {
  try {
    return parse(readFileSync(file))
  } catch (cause) {
    throw new Error(`--auth-token: ${file}: ${(cause as Error).message}`, { cause })
  }
}

import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { JwtTokens } from '../auth/jwt-tokens.js'
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
  return new JwtTokens({ clock, method, ttlMs, ...keysOf(chosen) })
}

function keysOf({ method, publicKeyFile, privateKeyFile }: JwtSettings): {
  verifyKey: KeyObject
  signKey: KeyObject | undefined
} {
  const read = (file: string) => readFileSync(file)
  if (method.startsWith('HS')) {
    const secret = createSecretKey(read(privateKeyFile || publicKeyFile))
    return { verifyKey: secret, signKey: secret }
  }
  const signKey = privateKeyFile === '' ? undefined : createPrivateKey(read(privateKeyFile))
  return { signKey, verifyKey: createPublicKey(read(publicKeyFile || privateKeyFile)) }
}

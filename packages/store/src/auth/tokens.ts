import type { Clock } from '../clock.js'
import type { Random } from '../random.js'

/** Whom a token stands for, and under which permissions it was issued (0: whatever is in force). */
export interface TokenBearer {
  readonly username: string
  readonly authRevision: number
}

/** How tokens are made and recognized. */
export interface TokenProvider {
  /**
   * What a member proposes so that every member will know the token; empty for tokens that say by
   * themselves what they are.
   */
  draft(): string
  /** A user has proved who it is: its token. `draft` is what was agreed upon at log `index`. */
  issue(username: string, authRevision: number, draft: string, index: number): string
  /** Undefined: not a token, or not any more. */
  find(token: string): TokenBearer | undefined
  /** A user is gone or has another password; without a name: all of them. */
  forget(username?: string): void
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DRAFT_LETTERS = 16

export interface SimpleTokensOptions {
  readonly clock: Clock
  readonly random: Random
  readonly ttlMs: number
}

interface Entry {
  readonly username: string
  expiryMs: number
}

/**
 * etcd's default: letters by chance, which all members learn through the log and keep in memory as
 * long as they are used. A restart forgets them, and clients ask for new ones.
 */
export class SimpleTokens implements TokenProvider {
  readonly #options: SimpleTokensOptions
  /** Those used last are the last. */
  readonly #tokens = new Map<string, Entry>()

  constructor(options: SimpleTokensOptions) {
    this.#options = options
  }

  draft(): string {
    const { random } = this.#options
    let text = ''
    for (let i = 0; i < DRAFT_LETTERS; i++) text += LETTERS[random.below(LETTERS.length)]
    return text
  }

  issue(username: string, _authRevision: number, draft: string, index: number): string {
    this.#dropExpired()
    const token = `${draft}.${index}`
    const { clock, ttlMs } = this.#options
    this.#tokens.set(token, { username, expiryMs: clock.now() + ttlMs })
    return token
  }

  find(token: string): TokenBearer | undefined {
    const { clock, ttlMs } = this.#options
    const entry = this.#tokens.get(token)
    if (entry === undefined || entry.expiryMs <= clock.now()) return undefined
    entry.expiryMs = clock.now() + ttlMs
    this.#tokens.delete(token)
    this.#tokens.set(token, entry)
    return { username: entry.username, authRevision: 0 }
  }

  forget(username?: string): void {
    for (const [token, entry] of this.#tokens) {
      if (username === undefined || entry.username === username) this.#tokens.delete(token)
    }
  }

  #dropExpired(): void {
    const now = this.#options.clock.now()
    for (const [token, { expiryMs }] of this.#tokens) {
      if (expiryMs > now) return
      this.#tokens.delete(token)
    }
  }
}

import {
  type JsonWebKey,
  type KeyKeeper,
  keptKey,
  madeKey,
  type SigningKey,
  signingKeyOf,
  type VerifyingKey,
  verifyingKeysOf,
  webKeyOf,
} from './signing-key.js'

/** Keys that somebody hands over, as PEM. */
export interface GivenKeys {
  /** A private one of RSA or of an elliptic curve. Default: the server's own, of RSA. */
  readonly signingKey?: string | undefined
  /** Of tokens that are believed, any number in each text. Default: the one that signs. */
  readonly verifyingKeys?: readonly string[] | undefined
}

/** The keys that service accounts' tokens are signed and verified with. */
export class TokenKeys {
  readonly #keeper: KeyKeeper | undefined
  readonly #given: readonly VerifyingKey[] | undefined
  #signing: Promise<SigningKey> | undefined

  /** `keeper`: where a key of the server's own outlives it. */
  constructor({ signingKey, verifyingKeys }: GivenKeys, keeper: KeyKeeper | undefined) {
    this.#keeper = keeper
    if (signingKey !== undefined) this.#signing = Promise.resolve(signingKeyOf(signingKey))
    if (verifyingKeys?.length) this.#given = verifyingKeys.flatMap(verifyingKeysOf)
  }

  /** Made with the first token: it takes its time, and most short-lived planes never need one. */
  signing(): Promise<SigningKey> {
    if (!this.#signing) {
      const key = madeKey(this.#keeper)
      this.#signing = key
      // One that could not be kept is made anew by who asks next.
      key.catch(() => {
        this.#signing = undefined
      })
    }
    return this.#signing
  }

  /** Those that a token can have been signed with. */
  async verifying(): Promise<readonly VerifyingKey[]> {
    if (this.#given) return this.#given
    if (!this.#signing && this.#keeper) {
      const kept = await keptKey(this.#keeper)
      if (kept) this.#signing ??= Promise.resolve(kept)
    }
    return this.#signing ? [await this.#signing] : []
  }

  /** What others verify tokens with. */
  async published(): Promise<readonly JsonWebKey[]> {
    return (this.#given ?? [await this.signing()]).map(webKeyOf)
  }
}

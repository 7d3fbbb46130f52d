import { Metadata } from '@grpc/grpc-js'
import { StoreError } from '../../errors.js'

/** Asks a member for a token. */
export type Authenticate = () => Promise<string>

/** The token that every request carries, once there is a user. */
export class AuthToken {
  readonly #authenticate: Authenticate | undefined
  #token: Promise<string | undefined> | undefined

  constructor(authenticate: Authenticate | undefined) {
    this.#authenticate = authenticate
  }

  get hasUser(): boolean {
    return this.#authenticate !== undefined
  }

  async metadata(): Promise<Metadata> {
    const metadata = new Metadata()
    if (this.#authenticate === undefined) return metadata
    this.#token ??= this.#fetch(this.#authenticate)
    const token = await this.#token
    if (token !== undefined) metadata.set('token', token)
    return metadata
  }

  async #fetch(authenticate: Authenticate): Promise<string | undefined> {
    try {
      return await authenticate()
    } catch (error) {
      // A user's name at a store that asks for none: not held against anybody.
      if (error instanceof StoreError && error.code === 'AuthNotEnabled') return undefined
      this.#token = undefined
      throw error
    }
  }

  /** The next request fetches a new one, unless that has happened since `used` was made. */
  async renew(used: Metadata): Promise<void> {
    const [token] = used.get('token')
    if (this.#token !== undefined && (await this.#token) === token) this.#token = undefined
  }
}

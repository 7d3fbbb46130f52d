import { StoreError } from '../errors.js'

type Bcrypt = typeof import('bcryptjs')['default']

/** Who waits for longer than some minutes has gone. */
const WAITING_MAX = 1000

/**
 * Passwords are kept as bcrypt hashes, as etcd keeps them: a backup's users can log in here and
 * there. It is slow on purpose, so only one at a time: many that log in at once must not keep the
 * store from its heartbeats. Loaded when the first password comes, since most stores have none.
 */
export class Passwords {
  readonly #cost: number
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** `cost` is bcrypt's: each step doubles the work. */
  constructor(cost: number) {
    this.#cost = cost
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(({ hash }) => hash(password, this.#cost))
  }

  check(password: string, hash: string): Promise<boolean> {
    return this.#inTurn(({ compare }) => compare(password, hash))
  }

  /** Rejects with `TooManyRequests` when too many wait already. */
  async #inTurn<T>(work: (bcrypt: Bcrypt) => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MAX) throw new StoreError({ code: 'TooManyRequests' })
    this.#waiting++
    const before = this.#last
    const turn = before.then(async () => work((await import('bcryptjs')).default))
    this.#last = turn.then(
      () => undefined,
      // Whoever comes next waits for the end of it, and not for its success.
      () => undefined,
    )
    try {
      return await turn
    } finally {
      this.#waiting--
    }
  }
}

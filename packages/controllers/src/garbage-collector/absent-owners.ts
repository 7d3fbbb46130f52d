import { limits } from './limits.js'

/** Owners that the server said are not there: a uid never comes back, so it need not be asked. */
export class AbsentOwners {
  readonly #known = new Set<string>()

  /** `namespace` is empty for cluster-scoped owners. */
  has(namespace: string, uid: string): boolean {
    return this.#known.has(`${namespace}/${uid}`)
  }

  add(namespace: string, uid: string): void {
    this.#known.add(`${namespace}/${uid}`)
    if (this.#known.size <= limits.absentOwnersMax) return
    const oldest = this.#known.keys().next()
    if (!oldest.done) this.#known.delete(oldest.value)
  }
}

import type { OwnerReference } from '@miniplane/api'
import { limits } from './limits.js'

type Owner = Pick<OwnerReference, 'apiVersion' | 'kind' | 'name' | 'uid'>

/**
 * Owners that the server said are not there: a uid never comes back, so it need not be asked. One that
 * is asked for by a wrong name or kind is absent under that name only.
 */
export class AbsentOwners {
  readonly #known = new Set<string>()

  /** `namespace` is empty for cluster-scoped owners. */
  has(namespace: string, owner: Owner): boolean {
    return this.#known.has(keyFor(namespace, owner))
  }

  add(namespace: string, owner: Owner): void {
    this.#known.add(keyFor(namespace, owner))
    if (this.#known.size <= limits.absentOwnersMax) return
    const oldest = this.#known.keys().next()
    if (!oldest.done) this.#known.delete(oldest.value)
  }
}

const keyFor = (namespace: string, { apiVersion, kind, name, uid }: Owner): string =>
  `${namespace}/${apiVersion}/${kind}/${name}/${uid}`

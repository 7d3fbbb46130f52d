import type { RequestHead } from '@miniplane/http2'
import type { GoneSignal } from '../etcd-server.js'
import type { RpcCaller } from '../service.js'

/** Who calls. Everything is looked up when somebody asks: most calls need none of it. */
export class GrpcCaller implements RpcCaller, GoneSignal {
  readonly commonName: string | undefined
  readonly #head: RequestHead
  #controller: AbortController | undefined
  #listeners: Set<() => void> | undefined
  #hasGone = false

  constructor(head: RequestHead, commonName: string | undefined) {
    this.#head = head
    this.commonName = commonName
  }

  get token(): string | undefined {
    return this.#head.get('token') ?? this.#head.get('authorization')
  }

  get requiresLeader(): boolean {
    return this.#head.get('hasleader') === 'true'
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#hasGone) this.#controller.abort()
    return this.#controller.signal
  }

  get gone(): GoneSignal {
    return this
  }

  get aborted(): boolean {
    return this.#hasGone
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener)
  }

  /** The call is over, or its deadline has passed. */
  abort(): void {
    if (this.#hasGone) return
    this.#hasGone = true
    this.#controller?.abort()
    for (const listener of this.#listeners ?? []) listener()
  }
}

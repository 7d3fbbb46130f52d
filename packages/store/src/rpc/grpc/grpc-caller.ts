import type { Metadata } from '@grpc/grpc-js'
import type { GoneSignal } from '../etcd-server.js'
import type { RpcCaller } from '../service.js'

/** Who calls. Everything is looked up when somebody asks: most calls need none of it. */
export class GrpcCaller implements RpcCaller, GoneSignal {
  readonly commonName: string | undefined
  readonly #metadata: Metadata
  #controller: AbortController | undefined
  #listeners: Set<() => void> | undefined
  #hasGone = false

  constructor(metadata: Metadata, commonName: string | undefined) {
    this.#metadata = metadata
    this.commonName = commonName
  }

  get token(): string | undefined {
    return this.#first('token') ?? this.#first('authorization')
  }

  get requiresLeader(): boolean {
    return this.#first('hasleader') === 'true'
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

  #first(name: string): string | undefined {
    const [value] = this.#metadata.get(name)
    return typeof value === 'string' ? value : undefined
  }
}

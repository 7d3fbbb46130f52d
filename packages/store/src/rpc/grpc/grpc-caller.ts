import type { Metadata } from '@grpc/grpc-js'
import type { RpcCaller } from '../service.js'

/** Who calls. Everything is looked up when somebody asks: most calls need none of it. */
export class GrpcCaller implements RpcCaller {
  readonly commonName: string | undefined
  readonly #metadata: Metadata
  #controller: AbortController | undefined
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

  /** The call is over, or its deadline has passed. */
  gone(): void {
    this.#hasGone = true
    this.#controller?.abort()
  }

  #first(name: string): string | undefined {
    const [value] = this.#metadata.get(name)
    return typeof value === 'string' ? value : undefined
  }
}

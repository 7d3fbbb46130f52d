import type { Random } from '../../random.js'
import { Endpoint } from './endpoint.js'
import type { GrpcLimits, GrpcTlsOptions } from './options.js'

export interface EndpointsOptions {
  readonly endpoints: readonly string[]
  readonly tls: GrpcTlsOptions | undefined
  readonly random: Random | undefined
  readonly limits: GrpcLimits
}

/**
 * The members that may be asked. One is asked until it fails, then the next: what one client reads
 * and watches comes from one member as long as that is well.
 */
export class Endpoints {
  readonly all: readonly Endpoint[]
  #current: number

  constructor({ endpoints, tls, random, limits }: EndpointsOptions) {
    if (endpoints.length === 0) throw new TypeError('a store needs at least one endpoint')
    this.all = endpoints.map((url) => new Endpoint(url, tls, limits))
    this.#current = random?.below(endpoints.length) ?? 0
  }

  get current(): Endpoint {
    return this.all[this.#current] as Endpoint
  }

  /** Goes on to the next, unless somebody else has done so. */
  leave(endpoint: Endpoint): void {
    if (this.current === endpoint) this.#current = (this.#current + 1) % this.all.length
  }

  close(): void {
    for (const endpoint of this.all) endpoint.close()
  }
}

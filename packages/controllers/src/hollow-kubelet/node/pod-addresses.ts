import { limits } from '../limits.js'

/** Hands out the addresses of a node's /24, the one that was free for longest first. */
export class PodAddresses {
  readonly cidr: string
  readonly #prefix: string
  readonly #used = new Set<number>()
  #last = 1

  /** `cidr`: such as `10.244.3.0/24`. */
  constructor(cidr: string) {
    const match = /^(\d+\.\d+\.\d+\.)0\/24$/.exec(cidr)
    if (!match) throw new Error(`pod CIDR must be a /24, not ${cidr}`)
    this.cidr = cidr
    this.#prefix = match[1] ?? ''
  }

  /** The network's first address is the node's own bridge and never given away. */
  take(): string {
    for (let i = 0; i < limits.podsPerNodeMax + 3; i++) {
      this.#last = this.#last >= 254 ? 2 : this.#last + 1
      if (this.#used.has(this.#last)) continue
      this.#used.add(this.#last)
      return this.#prefix + this.#last
    }
    throw new Error(`no address is left in ${this.#prefix}0/24`)
  }

  /** Marks an address as used that a Pod has from earlier on. */
  reserve(address: string): void {
    if (address.startsWith(this.#prefix)) this.#used.add(Number(address.slice(this.#prefix.length)))
  }

  release(address: string): void {
    if (address.startsWith(this.#prefix)) {
      this.#used.delete(Number(address.slice(this.#prefix.length)))
    }
  }
}

import type { Random } from '@miniplane/api'

/**
 * Numbers of which the lowest are left for those who choose for themselves: the others are given
 * out first. Source: KEP-3070 and KEP-3682 (reserved ranges).
 */
class NumberPool {
  readonly #size: number
  readonly #reserved: number
  #used: ReadonlySet<number> = new Set()
  readonly #underWay = new Set<number>()

  constructor(size: number, reserved: number) {
    this.#size = size
    this.#reserved = reserved
  }

  /** Values in use; those under way are kept until they show up here. */
  refresh(used: ReadonlySet<number>): void {
    this.#used = used
    for (const value of this.#underWay) if (used.has(value)) this.#underWay.delete(value)
  }

  isFree(value: number): boolean {
    return !this.#used.has(value) && !this.#underWay.has(value)
  }

  take(value: number): void {
    this.#underWay.add(value)
  }

  takeAny(random: Random): number | undefined {
    const value =
      this.#search(this.#reserved, this.#size, random) ?? this.#search(0, this.#reserved, random)
    if (value !== undefined) this.take(value)
    return value
  }

  release(value: number): void {
    this.#underWay.delete(value)
  }

  /** The first free one from a random place on, all around. */
  #search(from: number, to: number, random: Random): number | undefined {
    const count = to - from
    if (count <= 0) return undefined
    const start = Math.floor(random.next() * count)
    for (let i = 0; i < count; i++) {
      const value = from + ((start + i) % count)
      if (this.isFree(value)) return value
    }
    return undefined
  }
}

const RESERVED_ADDRESSES_MIN = 16
const RESERVED_ADDRESSES_MAX = 256

/** IPv4 addresses of a range, without its first (the network) and its last (broadcast). */
export class AddressRange {
  readonly #cidr: string
  readonly #base: number
  readonly #pool: NumberPool
  readonly #size: number

  constructor(cidr: string) {
    this.#cidr = cidr
    const [address = '', bits = '32'] = cidr.split('/')
    this.#base = toNumber(address) ?? 0
    this.#size = Math.max(2 ** (32 - Number(bits)) - 2, 0)
    const reserved = Math.floor((this.#size + 2) / 16)
    const kept = Math.min(Math.max(reserved, RESERVED_ADDRESSES_MIN), RESERVED_ADDRESSES_MAX)
    this.#pool = new NumberPool(this.#size, this.#size > kept ? kept : 0)
  }

  /** The first address, which is the network's. */
  get network(): string {
    return toAddress(this.#base)
  }

  refresh(addresses: readonly string[]): void {
    this.#pool.refresh(new Set(addresses.map((address) => this.#offsetOf(address))))
  }

  /** Whether it is one that the range may give. */
  covers(address: string): boolean {
    const offset = this.#offsetOf(address)
    return offset >= 0 && offset < this.#size
  }

  /** What is wrong with an address that is none of the range's. */
  faultOf(address: string): string | undefined {
    if (this.covers(address)) return undefined
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.#cidr}`
  }

  /** Undefined when it was free and is taken now, else what is wrong. */
  take(address: string): string | undefined {
    const fault = this.faultOf(address)
    if (fault !== undefined) return fault
    const offset = this.#offsetOf(address)
    if (!this.#pool.isFree(offset)) return 'provided IP is already allocated'
    this.#pool.take(offset)
    return undefined
  }

  /** Undefined when nothing is left. */
  takeAny(random: Random): string | undefined {
    const offset = this.#pool.takeAny(random)
    return offset === undefined ? undefined : toAddress(this.#base + 1 + offset)
  }

  release(address: string): void {
    this.#pool.release(this.#offsetOf(address))
  }

  #offsetOf(address: string): number {
    const number = toNumber(address)
    return number === undefined ? Number.NEGATIVE_INFINITY : number - this.#base - 1
  }
}

const RESERVED_PORTS_MIN = 16
const RESERVED_PORTS_MAX = 128

export class PortRange {
  readonly #from: number
  readonly #to: number
  readonly #pool: NumberPool

  /** Both ends belong to the range. */
  constructor(from: number, to: number) {
    this.#from = from
    this.#to = to
    const size = to - from + 1
    const part = Math.floor(size / 32)
    const kept = Math.min(Math.max(part, RESERVED_PORTS_MIN), RESERVED_PORTS_MAX)
    this.#pool = new NumberPool(size, size > kept ? kept : 0)
  }

  refresh(ports: readonly number[]): void {
    this.#pool.refresh(new Set(ports.map((port) => port - this.#from)))
  }

  /** Undefined when it was free and is taken now, else what is wrong. */
  take(port: number, isDryRun: boolean): string | undefined {
    const isOutside = port < this.#from || port > this.#to
    // A dry run only asks whether somebody has it.
    if (isOutside && isDryRun) return undefined
    if (isOutside) {
      const range = `${this.#from}-${this.#to}`
      return `provided port is not in the valid range. The range of valid ports is ${range}`
    }
    if (!this.#pool.isFree(port - this.#from)) return 'provided port is already allocated'
    this.#pool.take(port - this.#from)
    return undefined
  }

  /** Undefined when nothing is left. */
  takeAny(random: Random): number | undefined {
    const offset = this.#pool.takeAny(random)
    return offset === undefined ? undefined : this.#from + offset
  }

  release(port: number): void {
    this.#pool.release(port - this.#from)
  }
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

const toAddress = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')

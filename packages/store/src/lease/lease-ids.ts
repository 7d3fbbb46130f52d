import type { LeaseId } from '../client/store-client.js'
import type { Clock } from '../clock.js'

/** So many leases a millisecond can be granted, on average, without meeting ids of an earlier run. */
const IDS_PER_MS = 256n

/** Positive 64-bit ids that begin with the time: neither a later run nor this one repeats one. */
export class LeaseIds {
  #last: LeaseId

  constructor(clock: Clock) {
    this.#last = BigInt(Math.floor(clock.now())) * IDS_PER_MS
  }

  next(): LeaseId {
    this.#last += 1n
    return this.#last
  }
}

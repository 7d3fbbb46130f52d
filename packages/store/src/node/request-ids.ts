import type { Clock } from '../clock.js'
import type { NodeId } from '../raft/types.js'

/**
 * Ids of proposals, which no other member and no earlier run of this one uses: two bytes of the
 * member's id, five of the time in milliseconds, one to begin with; then they count.
 */
export class RequestIds {
  #last: bigint

  constructor(member: NodeId, clock: Clock) {
    const ms = BigInt(Math.floor(clock.now()))
    this.#last = BigInt.asUintN(64, (member << 48n) | ((ms & 0xff_ffff_ffffn) << 8n))
  }

  next(): bigint {
    this.#last = BigInt.asUintN(64, this.#last + 1n)
    return this.#last
  }
}

/**
 * Where the store's chance comes from: election timeouts and ids. Handed in like the clock, so that
 * a simulation's seed decides everything.
 */
export interface Random {
  /** A whole number in [0, bound); `bound` is at most 2^32. */
  below(bound: number): number
}

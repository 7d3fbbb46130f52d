/** For what only a bug, or a disk that forgot what it promised, can make false: the member stops. */
export function assert(claim: boolean, message: () => string): asserts claim {
  if (!claim) throw new Error(`raft: ${message()}`)
}

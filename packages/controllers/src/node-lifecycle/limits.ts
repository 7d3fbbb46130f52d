/** How patient the control plane is with nodes. */
export const timing = {
  /** Without a heartbeat for so long a node's conditions become Unknown. */
  monitorGraceMs: 40_000,
  /** The same for a node that has never reported. */
  startupGraceMs: 60_000,
} as const

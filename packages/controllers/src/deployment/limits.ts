/** Bounds of what Deployments keep. */
export const limits = {
  /** Characters of a ReplicaSet's list of former revisions. */
  revisionHistoryLengthMax: 2000,
  objectNameMax: 253,
} as const

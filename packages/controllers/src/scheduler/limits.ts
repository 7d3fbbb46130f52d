/** Every bound of the scheduler, in one place. */
export const limits = {
  /** Pause before a Pod that was turned away is tried again: doubles from the first to the max. */
  backoffFirstMs: 1_000,
  backoffMaxMs: 10_000,
  /** After this long an unschedulable Pod is tried again even if no event spoke for it. */
  unschedulableMaxMs: 300_000,
  /** Pods scheduled in one go before everybody else gets a turn. */
  podsPerTurnMax: 64,
  /** Bindings under way at once; with more, scheduling waits. */
  bindingsInFlightMax: 512,
  /** Up to so many nodes, each one is looked at; in larger clusters a share of them. */
  nodesAlwaysEvaluated: 100,
  /** The smallest such share. */
  evaluatedPercentMin: 5,
  /** Nodes on which preemption is tried out: a tenth of them, at least so many. */
  preemptionCandidatesMin: 100,
  /** Decisions remembered for the trace, and nodes described in each. */
  decisionsMax: 1_000,
  nodesPerDecisionMax: 100,
  /** Observed changes remembered per queued Pod; the oldest are forgotten first. */
  triggersPerPodMax: 16,
  /** How long a Pod that has its node may wait for its volumes. */
  volumeBindingMs: 600_000,
} as const

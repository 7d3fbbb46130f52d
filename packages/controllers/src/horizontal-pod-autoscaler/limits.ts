/** How often autoscalers look at their targets. Source: --horizontal-pod-autoscaler-sync-period. */
export const timing = {
  syncPeriodMs: 15_000,
} as const

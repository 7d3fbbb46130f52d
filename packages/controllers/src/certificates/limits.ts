/** Bounds of the certificates' controllers; the real controller manager's defaults. */
export const limits = {
  lifetimeSecondsMin: 600,
  lifetimeSecondsMax: 365 * 86_400,
  /** Clocks differ: what was issued just now must be valid everywhere. */
  backdatedSeconds: 300,
  /** How long a request stays that was approved, denied or failed. */
  decidedKeptSeconds: 3_600,
  /** How long one stays that nobody decides. */
  pendingKeptSeconds: 86_400,
}

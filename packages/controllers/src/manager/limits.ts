/** Every bound of the manager, in one place. */
export const limits = {
  /** Keys that one controller reconciles at the same time. */
  workersPerController: 10,
} as const

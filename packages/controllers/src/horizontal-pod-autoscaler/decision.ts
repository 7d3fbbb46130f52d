/** What to do about a target, before any metric is asked for. */
export type Decision =
  | { readonly type: 'disabled' }
  | { readonly type: 'rescale'; readonly replicas: number; readonly reason: string }
  | { readonly type: 'measure' }

/** The bounds come first, and need no metrics; a target at zero is left alone. */
export function decide(current: number, min: number, max: number): Decision {
  if (current === 0 && min !== 0) return { type: 'disabled' }
  if (current > max)
    return {
      type: 'rescale',
      replicas: max,
      reason: 'Current number of replicas above Spec.MaxReplicas',
    }
  if (current < min)
    return {
      type: 'rescale',
      replicas: min,
      reason: 'Current number of replicas below Spec.MinReplicas',
    }
  return { type: 'measure' }
}

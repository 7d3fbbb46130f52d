import {
  forbidden,
  formatTime,
  type PodDisruptionBudget,
  StatusError,
  setCondition,
  tooManyRequests,
} from '@miniplane/api'

const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
const CONDITION = 'DisruptionAllowed'
const RETRY_SECONDS = 10
/** Evictions that the budget's controller has not counted yet; more mean that it is gone. */
const DISRUPTED_PODS_MAX = 2_000

/** Takes one disruption from the budget for `pod`. Throws 429 when it allows none, or not yet. */
export function takeDisruption(budget: PodDisruptionBudget, pod: string, nowMs: number): void {
  const { status, metadata } = budget
  checkDisruptions(budget)
  status.disruptionsAllowed--
  if (status.disruptionsAllowed === 0) {
    const condition = {
      type: CONDITION,
      status: 'False',
      observedGeneration: metadata.generation ?? 0,
      reason: 'InsufficientPods',
      message: '',
      lastTransitionTime: formatTime(nowMs),
    }
    status.conditions = setCondition(status.conditions, condition, nowMs)
  }
  status.disruptedPods = { ...status.disruptedPods, [pod]: formatTime(nowMs) }
}

/** The budget may have changed since it was asked, or its controller is still counting. */
export const stillProcessed = (name: string): StatusError =>
  refusal(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS)

function checkDisruptions(budget: PodDisruptionBudget): void {
  const { metadata, status } = budget
  const name = metadata.name ?? ''
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessed(name)
  const resource = { group: 'policy', resource: 'poddisruptionbudget' }
  if (status.disruptionsAllowed < 0)
    throw forbidden(resource, name, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > DISRUPTED_PODS_MAX) {
    const detail = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(resource, name, detail)
  }
  if (status.disruptionsAllowed === 0) throw refusal(reasonOf(budget), 0)
}

function reasonOf({ metadata: { name }, status }: PodDisruptionBudget): string {
  const none = `The disruption budget ${name} does not allow evicting pods currently`
  const condition = status.conditions?.find(
    ({ type, status, message }) => type === CONDITION && status === 'False' && message !== '',
  )
  // The counts of a controller that could not count mean nothing.
  if (condition?.reason === 'SyncFailed')
    return `${none} because it failed sync: ${condition.message}`
  if (status.currentHealthy <= status.desiredHealthy)
    return `The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`
  return condition ? `${none} (${condition.reason}): ${condition.message}` : none
}

function refusal(message: string, retryAfterSeconds: number): StatusError {
  const { status } = tooManyRequests(VIOLATES, retryAfterSeconds)
  const details = { ...status.details, causes: [{ reason: 'DisruptionBudget', message }] }
  return new StatusError({ ...status, details })
}

import type { ContainerStatus, Job, Pod, PodFailurePolicyRule } from '@miniplane/api'

/** What the Job's policy makes of a failed Pod. */
export type FailureVerdict =
  | { readonly action: 'Count' | 'Ignore' | 'FailIndex' }
  | { readonly action: 'FailJob'; readonly message: string }

/** The first rule that fits decides; without one the failure counts. */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const reason = reasonFor(rule, pod)
    if (reason === undefined) continue
    switch (rule.action) {
      case 'FailJob':
        return { action: 'FailJob', message: `${reason} matching FailJob rule at index ${index}` }
      case 'FailIndex':
      case 'Ignore':
        return { action: rule.action }
      default:
        return { action: 'Count' }
    }
  }
  return { action: 'Count' }
}

function reasonFor(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`
  const { onExitCodes, onPodConditions } = rule
  if (onExitCodes) {
    const statuses = [
      ...(pod.status.containerStatuses ?? []),
      ...(pod.status.initContainerStatuses ?? []),
    ]
    const found = statuses.find(
      (status) =>
        (onExitCodes.containerName === undefined || onExitCodes.containerName === status.name) &&
        meetsExitCode(status, onExitCodes.operator, onExitCodes.values),
    )
    if (!found) return undefined
    const code = found.state.terminated?.exitCode
    return `Container ${found.name} for pod ${name} failed with exit code ${code}`
  }
  const condition = onPodConditions?.find(({ type, status = 'True' }) =>
    pod.status.conditions?.some((each) => each.type === type && each.status === status),
  )
  return condition && `Pod ${name} has condition ${condition.type}`
}

function meetsExitCode(
  { state }: ContainerStatus,
  operator: string,
  values: readonly number[],
): boolean {
  const code = state.terminated?.exitCode
  if (code === undefined || code === 0) return false
  return operator === 'In' ? values.includes(code) : !values.includes(code)
}

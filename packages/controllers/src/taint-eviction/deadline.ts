import { type Pod, parseTime, type Taint } from '@miniplane/api'
import { tolerates } from '../scheduler/plugins/tolerations.js'

/** When a Pod has to leave its node because of taints: at once, at a time, or never. */
export function evictionTimeMs(
  pod: Pod,
  taints: readonly Taint[],
  nowMs: number,
): number | undefined {
  let earliestMs: number | undefined
  for (const taint of taints) {
    if (taint.effect !== 'NoExecute') continue
    const leaveMs = leaveTimeMs(pod, taint, nowMs)
    if (leaveMs !== undefined) earliestMs = Math.min(leaveMs, earliestMs ?? leaveMs)
  }
  return earliestMs
}

/** Of several tolerations that fit, the shortest counts. */
function leaveTimeMs(pod: Pod, taint: Taint, nowMs: number): number | undefined {
  const fitting = (pod.spec.tolerations ?? []).filter((each) => tolerates(each, taint))
  if (fitting.length === 0) return nowMs
  const seconds = fitting.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  if (seconds.length === 0) return undefined
  return since(pod, taint, nowMs) + Math.max(Math.min(...seconds), 0) * 1000
}

/** Both were there: the taint, and the Pod on the node. */
function since({ status }: Pod, { timeAdded }: Taint, nowMs: number): number {
  const taintMs = timeAdded ? parseTime(timeAdded) : nowMs
  return Math.max(taintMs, status.startTime ? parseTime(status.startTime) : 0)
}

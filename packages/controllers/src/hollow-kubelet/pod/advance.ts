import type { Random } from '@miniplane/api'
import type { ContainerRun } from './container-run.js'
import type { PodRun } from './pod-run.js'
import { end, transitions } from './transitions.js'

/** Far more steps than any Pod takes in one moment: more is a bug in the table. */
const STEPS_MAX = 10_000

/**
 * Takes every step that is due by `nowMs`, each at its own moment. Returns when the next one is
 * due, or undefined when nothing more happens by itself.
 */
export function advance(run: PodRun, nowMs: number, random: Random): number | undefined {
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const next = nextStep(run)
    if (!next || next.dueMs > nowMs) return next?.dueMs
    next.take(random)
  }
  throw new Error(`pod ${run.pod.metadata.name} takes more than ${STEPS_MAX} steps at once`)
}

interface Step {
  readonly dueMs: number
  take(random: Random): void
}

function nextStep(run: PodRun): Step | undefined {
  let first: Step | undefined = deadline(run)
  for (const container of run.containers) {
    for (const transition of transitions) {
      if (transition.from !== container.state.kind) continue
      const dueMs = transition.dueMs(container, run)
      if (dueMs === undefined || (first && dueMs >= first.dueMs)) continue
      const take = (random: Random) => transition.apply(container, run, dueMs, random)
      first = { dueMs, take }
    }
  }
  return first
}

/** `activeDeadlineSeconds`: the kubelet ends the Pod, whatever it is doing. */
function deadline(run: PodRun): Step | undefined {
  const seconds = run.pod.spec.activeDeadlineSeconds
  if (seconds === undefined || run.verdict) return undefined
  const dueMs = run.startedAtMs + seconds * 1000
  const take = () => {
    run.verdict = {
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    }
    for (const container of run.containers) kill(container, dueMs)
  }
  return { dueMs, take }
}

/** As by SIGKILL; what hasn't started never will. */
export function kill(container: ContainerRun, atMs: number): void {
  if (container.state.kind === 'running') end(container, 137, atMs)
}

import { findCondition, formatTime, type PodCondition, type PodStatus } from '@miniplane/api'
import type { ContainerRun } from './container-run.js'
import { containerStatus, isReady } from './container-status.js'
import type { PodRun } from './pod-run.js'
import { hasFailedInit } from './transitions.js'

/** The part of a Pod's status that is the kubelet's to say. */
export type OwnStatus = Pick<
  PodStatus,
  | 'observedGeneration'
  | 'phase'
  | 'conditions'
  | 'reason'
  | 'message'
  | 'hostIP'
  | 'hostIPs'
  | 'podIP'
  | 'podIPs'
  | 'startTime'
  | 'initContainerStatuses'
  | 'containerStatuses'
  | 'ephemeralContainerStatuses'
>

const OWN_CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
] as const

/** `told` is what was said before: a condition keeps its time while its status stays. */
export function podStatus(run: PodRun, told: OwnStatus, nowMs: number): OwnStatus {
  const { generation } = run.pod.metadata
  const observed = generation === undefined ? {} : { observedGeneration: generation }
  const phase = phaseOf(run)
  const conditions = conditionsOf(run, phase).map((condition): PodCondition => {
    const old = findCondition(told.conditions, condition.type)
    const isSame = old?.status === condition.status
    const since = isSame ? (old.lastTransitionTime ?? null) : formatTime(nowMs)
    return { ...condition, ...observed, lastProbeTime: null, lastTransitionTime: since }
  })
  const inits = run.containers.filter(({ role }) => role === 'init' || role === 'sidecar')
  const mains = run.containers.filter(({ role }) => role === 'main')
  const ephemeral = run.containers.filter(({ role }) => role === 'ephemeral')
  return {
    ...observed,
    phase,
    conditions,
    ...run.verdict,
    hostIP: run.hostIP,
    hostIPs: [{ ip: run.hostIP }],
    podIP: run.podIP,
    podIPs: [{ ip: run.podIP }],
    startTime: formatTime(run.startedAtMs),
    ...(inits.length > 0 ? { initContainerStatuses: inits.map(containerStatus) } : {}),
    containerStatuses: mains.map(containerStatus),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral.map(containerStatus) } : {}),
  }
}

/** The same part of what the API holds. */
export function ownStatus(status: PodStatus): OwnStatus {
  const own: OwnStatus = {}
  const copy = <K extends keyof OwnStatus>(key: K) => {
    if (status[key] !== undefined) own[key] = status[key]
  }
  copy('observedGeneration')
  copy('phase')
  copy('reason')
  copy('message')
  copy('hostIP')
  copy('hostIPs')
  copy('podIP')
  copy('podIPs')
  copy('startTime')
  copy('initContainerStatuses')
  copy('containerStatuses')
  copy('ephemeralContainerStatuses')
  const conditions = (status.conditions ?? []).filter(({ type }) => isOwnCondition(type))
  return conditions.length > 0 ? { ...own, conditions } : own
}

export const isOwnCondition = (type: string): boolean =>
  (OWN_CONDITIONS as readonly string[]).includes(type)

/** Source: kubelet's getPhase, for containers whose state is always known. */
function phaseOf(run: PodRun): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
  if (run.verdict || hasFailedInit(run)) return 'Failed'
  const mains = run.containers.filter(({ role }) => role === 'main')
  const hasStarted = ({ id }: ContainerRun) => id !== undefined
  if (!mains.every(hasStarted)) return mains.some(isRunning) ? 'Running' : 'Pending'
  // A sidecar that still runs keeps the Pod from being over.
  if (run.containers.some((c) => c.role !== 'ephemeral' && isRunning(c))) return 'Running'
  const isDown = (c: ContainerRun) => c.state.kind === 'terminated'
  if (!mains.every(isDown) || mains.some((c) => c.restartPolicy === 'Always')) return 'Running'
  if (mains.every((c) => c.last?.exitCode === 0)) return 'Succeeded'
  return mains.some((c) => c.restartPolicy === 'OnFailure' && c.last?.exitCode !== 0)
    ? 'Running'
    : 'Failed'
}

const isRunning = ({ state }: ContainerRun) => state.kind === 'running'

type Bare = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

const yes = (type: string, reason?: string): Bare =>
  reason === undefined ? { type, status: 'True' } : { type, status: 'True', reason }
const no = (type: string, reason: string, message?: string): Bare =>
  message === undefined
    ? { type, status: 'False', reason }
    : { type, status: 'False', reason, message }

function conditionsOf(run: PodRun, phase: string): Bare[] {
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  const sandbox: Bare = { type: 'PodReadyToStartContainers', status: isOver ? 'False' : 'True' }
  const containers = containersReady(run, phase)
  return [sandbox, initialized(run, phase), ready(run, containers), containers]
}

function initialized(run: PodRun, phase: string): Bare {
  if (phase === 'Succeeded') return yes('Initialized', 'PodCompleted')
  const missing = run.containers.filter(
    (c) => (c.role === 'init' && !isReady(c)) || (c.role === 'sidecar' && c.id === undefined),
  )
  if (missing.length === 0) return yes('Initialized')
  return no(
    'Initialized',
    'ContainersNotInitialized',
    `containers with incomplete status: ${names(missing)}`,
  )
}

function containersReady(run: PodRun, phase: string): Bare {
  if (phase === 'Succeeded') return no('ContainersReady', 'PodCompleted')
  if (phase === 'Failed') return no('ContainersReady', 'PodFailed')
  const unready = run.containers.filter(
    (c) => (c.role === 'main' || c.role === 'sidecar') && !c.isReady,
  )
  if (unready.length === 0) return yes('ContainersReady')
  const message = `containers with unready status: ${names(unready)}`
  return no('ContainersReady', 'ContainersNotReady', message)
}

/** All containers, and whatever else the Pod says must be true. */
function ready(run: PodRun, containers: Bare): Bare {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' }
  const problems = (run.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = findCondition(run.pod.status.conditions, conditionType)
    if (condition?.status === 'True') return []
    return condition
      ? `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`
      : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`
  })
  if (problems.length === 0) return yes('Ready')
  return no('Ready', 'ReadinessGatesNotReady', problems.join(', '))
}

const names = (containers: readonly ContainerRun[]) =>
  `[${containers.map(({ name }) => name).join(' ')}]`

import type { Container, ContainerStatus, Pod } from '@miniplane/api'
import type { TableColumns } from '../strategy.js'
import { ageColumn, column, NONE, nameColumn, orNone, table, wide } from './column.js'
import { docs } from './docs.js'
import { humanDuration } from './duration.js'

/** The reason of a Pod whose node is gone: its state is not known any more. */
const NODE_UNREACHABLE = 'NodeLost'

interface Summary {
  readonly ready: string
  readonly status: string
  readonly restarts: string
}

const columns = table<Pod>([
  nameColumn,
  column('Ready', 'string', docs.podReady, (pod, nowMs) => summaryOf(pod, nowMs).ready),
  column('Status', 'string', docs.podStatus, (pod, nowMs) => summaryOf(pod, nowMs).status),
  column('Restarts', 'string', docs.podRestarts, (pod, nowMs) => summaryOf(pod, nowMs).restarts),
  ageColumn,
  wide('IP', 'string', docs.podIP, ({ status }) => orNone(status.podIPs?.[0]?.ip ?? status.podIP)),
  wide('Node', 'string', docs.nodeName, ({ spec }) => orNone(spec.nodeName)),
  wide('Nominated Node', 'string', docs.nominatedNodeName, ({ status }) =>
    orNone(status.nominatedNodeName),
  ),
  wide('Readiness Gates', 'string', docs.readinessGates, readinessGates),
])

/** How a Pod ended, for those who show only the Pods that have not. */
const ENDED: Readonly<Record<string, string>> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
}

export const podTable: TableColumns<Pod> = {
  ...columns,
  conditions({ status: { phase: reason = '' } }) {
    const message = ENDED[reason]
    return message ? [{ type: 'Completed', status: 'True', reason, message }] : []
  },
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? []
  if (gates.length === 0) return NONE
  const met = gates.filter(({ conditionType }) =>
    status.conditions?.some(
      ({ type, status: value }) => type === conditionType && value === 'True',
    ),
  )
  return `${met.length}/${gates.length}`
}

/** Counts and times that the restarts column is made of. */
class Restarts {
  count = 0
  lastMs = 0

  add({ restartCount, lastState }: ContainerStatus): void {
    this.count += restartCount
    const finishedAt = lastState?.terminated?.finishedAt
    if (finishedAt) this.lastMs = Math.max(this.lastMs, Date.parse(finishedAt))
  }

  text(nowMs: number): string {
    if (this.lastMs === 0 || this.count === 0) return `${this.count}`
    return `${this.count} (${humanDuration(nowMs - this.lastMs)} ago)`
  }
}

/** What `kubectl get pods` says about a Pod. */
export function summaryOf(pod: Pod, nowMs: number): Summary {
  const { spec, status, metadata } = pod
  const sidecars = (spec.initContainers ?? []).filter(isSidecar)
  const total = (spec.containers ?? []).length + sidecars.length
  const init = initSummary(pod)
  let reason = status.reason || status.phase || ''
  if (isGated(pod)) reason = 'SchedulingGated'
  let { readyCount } = init
  let restarts = init.restarts
  if (init.reason !== undefined) reason = init.reason
  if (init.reason === undefined || isInitialized(pod)) {
    const main = mainSummary(pod, reason)
    readyCount += main.readyCount
    restarts = main.restarts
    for (const one of status.initContainerStatuses ?? []) {
      if (sidecars.some(({ name }) => name === one.name)) restarts.add(one)
    }
    reason = main.reason
  }
  if (metadata.deletionTimestamp) {
    if (status.reason === NODE_UNREACHABLE) reason = 'Unknown'
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'
  }
  return { ready: `${readyCount}/${total}`, status: reason, restarts: restarts.text(nowMs) }
}

const isSidecar = (container: Container) => container.restartPolicy === 'Always'

const hasCondition = ({ status }: Pod, wanted: string) =>
  status.conditions?.find(({ type }) => type === wanted)

const isGated = (pod: Pod) => hasCondition(pod, 'PodScheduled')?.reason === 'SchedulingGated'
const isInitialized = (pod: Pod) => hasCondition(pod, 'Initialized')?.status === 'True'

/** How far the init containers are; no reason when they are through. */
function initSummary({ spec, status }: Pod) {
  const restarts = new Restarts()
  let readyCount = 0
  const containers = new Map((spec.initContainers ?? []).map((one) => [one.name, one]))
  for (const [i, one] of (status.initContainerStatuses ?? []).entries()) {
    restarts.add(one)
    const { terminated, waiting } = one.state ?? {}
    const container = containers.get(one.name)
    if (terminated?.exitCode === 0) continue
    if (container && isSidecar(container) && one.started) {
      if (one.ready) readyCount++
      continue
    }
    let reason: string
    if (terminated) reason = `Init:${terminationText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') {
      reason = `Init:${waiting.reason}`
    } else reason = `Init:${i}/${containers.size}`
    return { readyCount, restarts, reason }
  }
  return { readyCount, restarts, reason: undefined }
}

interface Terminated {
  readonly reason?: string
  readonly signal?: number
  readonly exitCode: number
}

function terminationText({ reason, signal, exitCode }: Terminated): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function mainSummary(pod: Pod, initialReason: string) {
  const restarts = new Restarts()
  let reason = initialReason
  let failure = ''
  let readyCount = 0
  let hasRunning = false
  for (const one of [...(pod.status.containerStatuses ?? [])].reverse()) {
    restarts.add(one)
    const { waiting, terminated, running } = one.state ?? {}
    if (waiting?.reason) reason = waiting.reason
    else if (terminated) {
      reason = terminationText(terminated)
      if (terminated.exitCode !== 0) failure = reason
    } else if (one.ready && running) {
      hasRunning = true
      readyCount++
    }
  }
  // A container that ended does not end a Pod whose others run, nor hide that another failed.
  if (reason === 'Completed') {
    if (hasRunning && hasCondition(pod, 'Ready')?.status === 'True') reason = 'Running'
    else if (failure) reason = failure
    else if (hasRunning) reason = 'NotReady'
  }
  return { reason, readyCount, restarts }
}

import { findCondition, formatTime, type Node, type NodeCondition, parseTime } from '@miniplane/api'
import { timing } from './limits.js'

const CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

interface Heard {
  readonly sign: string
  readonly atMs: number
}

/**
 * When each node was last heard of, by our own clock: a node's clock may be wrong, so its times
 * are only compared with themselves.
 */
export class Heartbeats {
  readonly #heard = new Map<string, Heard>()

  /** Notes what the node shows now; returns the moment of its last change. */
  observe(node: Node, renewTime: string | undefined, nowMs: number): number {
    const name = node.metadata.name ?? ''
    const ready = findCondition<NodeCondition>(node.status.conditions, 'Ready')
    const sign = `${node.metadata.uid} ${renewTime ?? ''} ${ready?.lastHeartbeatTime ?? ''}`
    const last = this.#heard.get(name)
    if (last?.sign === sign) return last.atMs
    // A node that never reported gets its time from the day it was made.
    const sinceMs = ready === undefined && !renewTime ? createdMs(node, nowMs) : nowMs
    this.#heard.set(name, { sign, atMs: sinceMs })
    return sinceMs
  }

  forget(name: string): void {
    this.#heard.delete(name)
  }
}

const createdMs = ({ metadata }: Node, nowMs: number): number =>
  metadata.creationTimestamp ? parseTime(metadata.creationTimestamp) : nowMs

/** How long this node may still be silent; 0 or less: too long already. */
export function patienceMs(node: Node, heardMs: number, nowMs: number): number {
  const hasReported = findCondition(node.status.conditions, 'Ready') !== undefined
  return heardMs + (hasReported ? timing.monitorGraceMs : timing.startupGraceMs) - nowMs
}

/** The conditions of a node that has gone silent; the same list if they say so already. */
export function silentConditions(node: Node, nowMs: number): readonly NodeCondition[] {
  const conditions = node.status.conditions ?? []
  const now = formatTime(nowMs)
  const updated = [...conditions]
  for (const type of CONDITIONS) {
    const index = updated.findIndex((each) => each.type === type)
    const old = updated[index]
    if (old === undefined) updated.push(neverReported(type, node, now))
    else if (old.status !== 'Unknown') updated[index] = stoppedReporting(old, now)
  }
  const isChanged = updated.some((each, index) => each !== conditions[index])
  return isChanged ? updated : conditions
}

const neverReported = (type: string, { metadata }: Node, now: string): NodeCondition => ({
  type,
  status: 'Unknown',
  reason: 'NodeStatusNeverUpdated',
  message: 'Kubelet never posted node status.',
  lastHeartbeatTime: metadata.creationTimestamp ?? now,
  lastTransitionTime: now,
})

const stoppedReporting = (old: NodeCondition, now: string): NodeCondition => ({
  ...old,
  status: 'Unknown',
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
  lastTransitionTime: now,
})

import type { NotPlaced, Placed } from './cycle.js'
import type { NodeRefusal } from './framework/filter.js'
import type { NodeScore } from './framework/score.js'
import { limits } from './limits.js'
import type { QueuedPod } from './queue/queued-pod.js'

/** What one look at one Pod led to, and why: kept for the trace. */
export interface Decision {
  /** `namespace/name` */
  readonly pod: string
  readonly uid: string
  readonly timeMs: number
  /** Counts from 1. */
  readonly attempt: number
  /** Where the Pod goes; absent: nowhere, for now. */
  readonly nodeName?: string
  /** Nodes looked at, and those that passed every filter. */
  readonly evaluated: number
  readonly feasible: number
  /** Best first; empty when there was no choice to make. */
  readonly scores: readonly NodeScore[]
  readonly refusals: readonly (NodeRefusal & { readonly node: string })[]
  /** Why no node was even looked at. */
  readonly rejection?: NodeRefusal
  /** What people were told when the Pod fits nowhere. */
  readonly message?: string
  /** Where Pods were evicted to make room. */
  readonly nominatedNodeName?: string
}

const about = (queued: QueuedPod, result: Placed | NotPlaced, timeMs: number) => ({
  pod: queued.info.key,
  uid: queued.info.uid,
  timeMs,
  attempt: queued.attempts,
  evaluated: result.evaluated,
  refusals: Array.from(result.refusals, ([node, refusal]) => ({ node, ...refusal })),
})

export const placedDecision = (queued: QueuedPod, result: Placed, timeMs: number): Decision => ({
  ...about(queued, result, timeMs),
  nodeName: result.nodeName,
  feasible: result.feasible,
  scores: result.scores.toSorted((a, b) => b.total - a.total),
})

export const failedDecision = (
  queued: QueuedPod,
  result: NotPlaced,
  told: { readonly message: string; readonly nominatedNodeName?: string },
  timeMs: number,
): Decision => ({
  ...about(queued, result, timeMs),
  feasible: 0,
  scores: [],
  ...(result.rejection ? { rejection: result.rejection } : {}),
  message: told.message,
  ...(told.nominatedNodeName ? { nominatedNodeName: told.nominatedNodeName } : {}),
})

/** One line for people. */
export function summarize(decision: Decision): string {
  const { nodeName, feasible, evaluated } = decision
  if (nodeName === undefined) return decision.message ?? 'fits nowhere'
  return `chose ${nodeName}, one of ${feasible} feasible of ${evaluated} nodes`
}

/** The latest decisions, oldest first. */
export class DecisionLog {
  #decisions: Decision[] = []

  add(decision: Decision): void {
    this.#decisions.push({
      ...decision,
      scores: decision.scores.slice(0, limits.nodesPerDecisionMax),
      refusals: decision.refusals.slice(0, limits.nodesPerDecisionMax),
    })
    // Cut in halves, not one by one: taking the first off an array moves all others.
    if (this.#decisions.length >= limits.decisionsMax * 2) {
      this.#decisions = this.#decisions.slice(-limits.decisionsMax)
    }
  }

  list(): readonly Decision[] {
    return this.#decisions.slice(-limits.decisionsMax)
  }

  ofPod(uid: string): readonly Decision[] {
    return this.list().filter((decision) => decision.uid === uid)
  }
}

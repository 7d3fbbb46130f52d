import { type Cause, type Clock, findCondition, formatTime, isStatusError } from '@miniplane/api'
import { type Client, type EventRecorder, type Log, resources } from '@miniplane/client'
import { podReference } from './pod-reference.js'
import type { PodInfo } from './snapshot/pod-info.js'

export interface Failure {
  /** `Unschedulable`, or `SchedulerError` when something went wrong. */
  readonly reason: 'Unschedulable' | 'SchedulerError'
  readonly message: string
  /** Where preemption makes room; an empty text takes an earlier promise back. */
  readonly nominatedNodeName?: string
}

export interface ReportContext {
  readonly client: Client
  readonly clock: Clock
  readonly recorder: EventRecorder
  readonly log: Log
}

/** Tells people, by an event and the Pod's condition, why it has no node. Never throws. */
export async function reportFailure(
  pod: PodInfo,
  failure: Failure,
  cause: Cause,
  { client, clock, recorder, log }: ReportContext,
): Promise<void> {
  const { name = '', namespace = '', uid = '', generation } = pod.pod.metadata
  recorder.eventFor(podReference(pod.pod), {
    type: 'Warning',
    reason: 'FailedScheduling',
    action: 'Scheduling',
    message: failure.message,
  })
  const status = statusPatch(pod, failure, formatTime(clock.now()), generation)
  if (!status) return
  try {
    await client
      .withCause(cause)
      .of(resources.pods)
      .patch(
        name,
        { metadata: { uid }, status },
        { type: 'strategic', namespace, subresource: 'status' },
      )
  } catch (error) {
    // Deleted meanwhile, or replaced by another of the same name: nobody is left to be told.
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    log.error(`the status of pod ${pod.key} could not be updated`, { error })
  }
}

/** Where the Pod is going to run, as soon as what it needs there is ready. */
export async function reportExpectedNode(
  { pod }: PodInfo,
  nominatedNodeName: string,
  client: Client,
): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  if (pod.status.nominatedNodeName === nominatedNodeName) return
  const patch = { metadata: { uid }, status: { nominatedNodeName } }
  const options = { type: 'strategic', namespace, subresource: 'status' } as const
  await client.of(resources.pods).patch(name, patch, options)
}

/** What to change, or undefined when the Pod says so already. */
function statusPatch(
  { pod }: PodInfo,
  { reason, message, nominatedNodeName }: Failure,
  now: string,
  generation: number | undefined,
) {
  const old = findCondition(pod.status.conditions, 'PodScheduled')
  const isTold = old?.status === 'False' && old.reason === reason && old.message === message
  const isNominated =
    nominatedNodeName === undefined || nominatedNodeName === (pod.status.nominatedNodeName ?? '')
  if (isTold && isNominated) return undefined
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: old?.status === 'False' ? (old.lastTransitionTime ?? now) : now,
    reason,
    message,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  return {
    conditions: [condition],
    ...(isNominated ? {} : { nominatedNodeName: nominatedNodeName || null }),
  }
}

import { type Cause, type Clock, formatTime, isStatusError } from '@miniplane/api'
import { type Client, type EventRecorder, resources } from '@miniplane/client'
import { podReference } from '../pod-reference.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import type { Victims } from './victims.js'

export interface EvictionContext {
  readonly client: Client
  readonly clock: Clock
  readonly recorder: EventRecorder
  readonly schedulerName: string
}

/** Deletes the victims, all at once, after saying on each of them why. Throws the first error. */
export async function evictVictims(
  victims: Victims,
  preemptor: PodInfo,
  cause: Cause,
  { client, clock, recorder, schedulerName }: EvictionContext,
): Promise<void> {
  const pods = client.withCause(cause).of(resources.pods)
  const evict = async ({ pod }: PodInfo) => {
    const { name = '', namespace = '', uid = '', generation } = pod.metadata
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(clock.now()),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    }
    const patch = { metadata: { uid }, status: { conditions: [condition] } }
    await pods.patch(name, patch, { type: 'strategic', namespace, subresource: 'status' })
    await pods.delete(name, { namespace, preconditions: { uid } })
    recorder.eventFor(podReference(pod), {
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      message: `Preempted by pod ${preemptor.uid} on node ${victims.node}`,
      related: podReference(preemptor.pod),
    })
  }
  await Promise.all(
    victims.pods
      .filter((victim) => !victim.isTerminating)
      .map((victim) =>
        evict(victim).catch((error: unknown) => {
          if (!isStatusError(error, 'NotFound')) throw error
        }),
      ),
  )
}

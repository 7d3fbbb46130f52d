import { type DeploymentStatus, formatTime, type ReplicaSet } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { isComplete, recheckInMs, rolloutStatus } from './progress.js'
import { deployment, NOW, replicaSet } from './shapes.fixture.js'

const at = (ms: number) => formatTime(NOW + ms)

const withStatus = (status: DeploymentStatus) => ({ ...deployment({ replicas: 3 }), status })

const progressing = (reason: string, updatedMs: number, status = 'True') => ({
  type: 'Progressing',
  status,
  reason,
  message: 'as it was',
  lastUpdateTime: at(updatedMs),
  lastTransitionTime: at(-60_000),
})

const summary = ({ conditions = [] }: DeploymentStatus) =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

describe('rolloutStatus', () => {
  it('counts, and says that a finished rollout is one', () => {
    const rollout = { deployment: withStatus({}), newSet: replicaSet('web-1', 3), old: [] }
    const status = rolloutStatus(rollout, NOW)
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
      terminatingReplicas: 0,
    })
    expect(summary(status)).toEqual([
      'Available=True MinimumReplicasAvailable',
      'Progressing=True NewReplicaSetAvailable',
    ])
    expect(status.conditions?.[1]?.message).toBe('ReplicaSet "web-1" has successfully progressed.')
  })

  it('renews the update time with every step, and keeps the time of the transition', () => {
    const before = withStatus({ conditions: [progressing('ReplicaSetUpdated', -30_000)] })
    const rollout = { deployment: before, newSet: replicaSet('web-1', 3, 1), old: [] }
    const condition = rolloutStatus(rollout, NOW).conditions?.at(-1)
    expect(condition).toMatchObject({
      reason: 'ReplicaSetUpdated',
      lastUpdateTime: at(0),
      lastTransitionTime: at(-60_000),
    })
  })

  const stuck = (updatedMs: number, reason = 'ReplicaSetUpdated') => ({
    deployment: withStatus({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 1,
      availableReplicas: 1,
      conditions: [progressing(reason, updatedMs)],
    }),
    newSet: replicaSet('web-1', 3, 1),
    old: [],
  })

  it('calls a rollout failed when it did not move before its deadline', () => {
    expect(summary(rolloutStatus(stuck(-600_000), NOW))[0]).toBe(
      'Progressing=True ReplicaSetUpdated',
    )
    const status = rolloutStatus(stuck(-601_000), NOW)
    expect(summary(status)).toEqual([
      'Available=False MinimumReplicasUnavailable',
      'Progressing=False ProgressDeadlineExceeded',
    ])
    expect(status.conditions?.[1]?.message).toBe('ReplicaSet "web-1" has timed out progressing.')
  })

  it('does not judge a finished rollout again', () => {
    const status = rolloutStatus(stuck(-9_000_000, 'NewReplicaSetAvailable'), NOW)
    expect(summary(status)[0]).toBe('Progressing=True NewReplicaSetAvailable')
  })

  it('drops the condition when there is no deadline', () => {
    const rollout = stuck(0)
    rollout.deployment.spec.progressDeadlineSeconds = 2 ** 31 - 1
    expect(summary(rolloutStatus(rollout, NOW))).toEqual([
      'Available=False MinimumReplicasUnavailable',
    ])
  })

  it('passes on why Pods could not be created, until they can', () => {
    const newSet: ReplicaSet = replicaSet('web-1', 3, 0)
    newSet.status.conditions = [
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: 'exceeded quota',
        lastTransitionTime: at(0),
      },
    ]
    const failing = rolloutStatus({ deployment: withStatus({}), newSet, old: [] }, NOW)
    expect(summary(failing)).toContain('ReplicaFailure=True FailedCreate')
    newSet.status.conditions = []
    const healed = rolloutStatus({ deployment: withStatus(failing), newSet, old: [] }, NOW)
    expect(summary(healed)).not.toContain('ReplicaFailure=True FailedCreate')
  })

  it('does not know how many are terminating while one ReplicaSet does not say', () => {
    const old = replicaSet('web-0', 0)
    delete old.status.terminatingReplicas
    const rollout = { deployment: withStatus({}), newSet: replicaSet('web-1', 3), old: [old] }
    expect(rolloutStatus(rollout, NOW)).not.toHaveProperty('terminatingReplicas')
  })
})

describe('recheckInMs', () => {
  it('looks again just after the deadline, and not at all when nothing can change', () => {
    const conditions = [progressing('ReplicaSetUpdated', -10_000)]
    const moving = withStatus({ conditions })
    expect(recheckInMs(moving, { conditions }, NOW)).toBe(590_001)
    const failed = { conditions: [progressing('ProgressDeadlineExceeded', -10_000, 'False')] }
    expect(recheckInMs(withStatus(failed), failed, NOW)).toBeUndefined()
    const done = {
      conditions,
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
    }
    expect(isComplete(moving, done)).toBe(true)
    expect(recheckInMs(moving, done, NOW)).toBeUndefined()
  })
})

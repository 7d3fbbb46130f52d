import type { Pod, StatefulSet } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { REVISION_LABEL } from './identity.js'
import { planStep } from './plan.js'

interface SetShape {
  readonly replicas?: number
  readonly start?: number
  readonly parallel?: boolean
  readonly onDelete?: boolean
  readonly partition?: number
  readonly maxUnavailable?: number | string
  readonly currentReplicas?: number
}

function set(shape: SetShape): StatefulSet {
  const { replicas = 3, start, partition, maxUnavailable } = shape
  const rollingUpdate = {
    ...(partition === undefined ? {} : { partition }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
  }
  return {
    metadata: { name: 'db' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: {},
      template: { metadata: {}, spec: { containers: [] } },
      podManagementPolicy: shape.parallel ? 'Parallel' : 'OrderedReady',
      updateStrategy: shape.onDelete
        ? { type: 'OnDelete' }
        : {
            type: 'RollingUpdate',
            ...(Object.keys(rollingUpdate).length > 0 ? { rollingUpdate } : {}),
          },
      ...(start === undefined ? {} : { ordinals: { start } }),
    },
    status: { replicas: 0, availableReplicas: 0, currentReplicas: shape.currentReplicas ?? 0 },
  }
}

/** `0`: ready and up to date; `0!` not ready; `0-` leaving; `0x` failed; `0~` of the old revision. */
function pod(text: string): Pod {
  const ordinal = Number.parseInt(text, 10)
  const has = (mark: string) => text.includes(mark)
  return {
    metadata: {
      name: `db-${ordinal}`,
      labels: { [REVISION_LABEL]: has('~') ? 'old' : 'new' },
      ...(has('-') ? { deletionTimestamp: 'now' } : {}),
    },
    spec: { containers: [] },
    status: {
      phase: has('x') ? 'Failed' : 'Running',
      conditions: [{ type: 'Ready', status: has('!') ? 'False' : 'True' }],
    },
  }
}

const plan = (shape: SetShape, ...pods: string[]) =>
  planStep(set(shape), pods.map(pod), { current: 'old', update: 'new' }, 0).map((action) =>
    action.do === 'create'
      ? `create ${action.ordinal} ${action.revision}`
      : `delete ${action.pod.metadata.name}`,
  )

describe('planStep, in order', () => {
  it.each<{ rule: string; set?: SetShape; pods: string[]; steps: string[] }>([
    { rule: 'the first', pods: [], steps: ['create 0 new'] },
    { rule: 'the next when the one before is ready', pods: ['0'], steps: ['create 1 new'] },
    { rule: 'waits for one that is not ready', pods: ['0!'], steps: [] },
    { rule: 'waits for one that is leaving', pods: ['0-', '1', '2'], steps: [] },
    { rule: 'fills a gap', pods: ['0', '2'], steps: ['create 1 new'] },
    { rule: 'replaces a failed one', pods: ['0x', '1'], steps: ['delete db-0'] },
    { rule: 'nothing when all is well', pods: ['0', '1', '2'], steps: [] },
    {
      rule: 'down from the highest',
      set: { replicas: 1 },
      pods: ['0', '1', '2'],
      steps: ['delete db-2'],
    },
    { rule: 'down one by one', set: { replicas: 1 }, pods: ['0', '1', '2-'], steps: [] },
    {
      rule: 'not down while a lower one is not ready',
      set: { replicas: 2 },
      pods: ['0!', '1', '2', '3'],
      steps: [],
    },
    { rule: 'starts where it is told', set: { start: 5 }, pods: ['5'], steps: ['create 6 new'] },
  ])('$rule', ({ set = {}, pods, steps }) => {
    expect(plan(set, ...pods)).toEqual(steps)
  })
})

describe('planStep, parallel', () => {
  it('creates and deletes all at once, ready or not', () => {
    expect(plan({ parallel: true }, '1!')).toEqual(['create 0 new', 'create 2 new'])
    expect(plan({ parallel: true, replicas: 1 }, '0!', '1', '2')).toEqual([
      'delete db-2',
      'delete db-1',
    ])
  })
})

describe('planStep, of more than anybody counts', () => {
  const replicas = 2 ** 31 - 1

  it('begins with the first, and goes on from there', () => {
    expect(plan({ replicas })).toEqual(['create 0 new'])
    const steps = plan({ replicas, parallel: true }, '0', '7', '2000000000')
    expect(steps).toHaveLength(500)
    expect([steps[0], steps[5], steps[6]]).toEqual(['create 1 new', 'create 6 new', 'create 8 new'])
  })
})

describe('planStep, updating', () => {
  it.each<{ rule: string; set?: SetShape; pods: string[]; steps: string[] }>([
    { rule: 'the highest first', pods: ['0~', '1~', '2~'], steps: ['delete db-2'] },
    { rule: 'the next when it is back', pods: ['0~', '1~', '2'], steps: ['delete db-1'] },
    { rule: 'not before it is ready', pods: ['0~', '1~', '2!'], steps: [] },
    {
      rule: 'down to the partition',
      set: { partition: 2 },
      pods: ['0~', '1~', '2'],
      steps: [],
    },
    {
      rule: 'several at a time',
      set: { maxUnavailable: 2 },
      pods: ['0~', '1~', '2~'],
      steps: ['delete db-2', 'delete db-1'],
    },
    {
      rule: 'a share of them, rounded down',
      set: { maxUnavailable: '99%' },
      pods: ['0~', '1~', '2~'],
      steps: ['delete db-2', 'delete db-1'],
    },
    {
      rule: 'at least one',
      set: { maxUnavailable: '1%' },
      pods: ['0~', '1~', '2~'],
      steps: ['delete db-2'],
    },
    { rule: 'never by itself', set: { onDelete: true }, pods: ['0~', '1~', '2~'], steps: [] },
    {
      rule: 'below the partition comes back as it was',
      set: { partition: 2 },
      pods: ['1~', '2'],
      steps: ['create 0 old'],
    },
    {
      rule: 'comes back as it was where the rollout has not been',
      set: { currentReplicas: 2 },
      pods: ['1~', '2'],
      steps: ['create 0 old'],
    },
  ])('$rule', ({ set = {}, pods, steps }) => {
    expect(plan(set, ...pods)).toEqual(steps)
  })
})

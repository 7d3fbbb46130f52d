import { formatTime, type Job, type Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { assess, finishOf } from './assess.js'
import { formatIndexSet, parseIndexSet } from './index-set.js'
import { TRACKING } from './job-pod.js'
import { planPods } from './plan.js'
import { statusOf } from './status.js'

const NOW = 1_700_000_000_000

const job = (spec: Partial<Job['spec']>, status: Job['status'] = {}): Job => ({
  metadata: { name: 'work', namespace: 'default' },
  spec: {
    parallelism: 1,
    completions: 1,
    template: { metadata: {}, spec: { restartPolicy: 'Never', containers: [] } },
    ...spec,
  },
  status,
})

interface Shape {
  readonly index?: number
  readonly endedAgoMs?: number
  readonly exitCode?: number
  readonly deleted?: boolean
  readonly restarts?: number
}

const pod = (uid: string, phase = 'Running', shape: Shape = {}): Pod => ({
  metadata: {
    name: uid,
    uid,
    namespace: 'default',
    finalizers: [TRACKING],
    ...(shape.deleted ? { deletionTimestamp: 'now', deletionGracePeriodSeconds: 30 } : {}),
    ...(shape.index === undefined
      ? {}
      : { annotations: { 'batch.kubernetes.io/job-completion-index': String(shape.index) } }),
  },
  spec: { containers: [] },
  status: {
    phase,
    containerStatuses: [
      {
        name: 'main',
        image: '',
        imageID: '',
        ready: false,
        lastState: {},
        restartCount: shape.restarts ?? 0,
        state:
          phase === 'Running'
            ? {}
            : {
                terminated: {
                  exitCode: shape.exitCode ?? (phase === 'Failed' ? 1 : 0),
                  finishedAt: formatTime(NOW - (shape.endedAgoMs ?? 0)),
                },
              },
      },
    ],
  },
})

const NONE: ReadonlySet<string> = new Set()

describe('assess', () => {
  it('counts each ended Pod once: noted, let go, counted', () => {
    const noted = job({}, { succeeded: 2, uncountedTerminatedPods: { succeeded: ['a'] } })
    const now = assess(noted, [pod('a', 'Succeeded'), pod('b', 'Succeeded'), pod('c')], NONE)
    expect(now).toMatchObject({ succeeded: 4, failed: 0 })
    expect(now.toRelease.map(({ metadata }) => metadata.uid)).toEqual(['a', 'b'])
  })

  it('does not count again what was let go while the cache still shows it', () => {
    const now = assess(job({}, { succeeded: 1 }), [pod('a', 'Succeeded')], new Set(['a']))
    expect(now).toMatchObject({ succeeded: 1, toRelease: [] })
  })

  it('tells those on their way out from those at work', () => {
    const now = assess(job({}), [pod('a'), pod('b', 'Running', { deleted: true })], NONE)
    expect([now.active.length, now.terminating]).toEqual([1, 1])
  })
})

describe('finishOf', () => {
  const reason = (of: Job, ...pods: Pod[]) => finishOf(of, assess(of, pods, NONE), NOW)?.reason

  it.each<{ rule: string; of: Job; pods: Pod[]; is: string | undefined }>([
    { rule: 'not yet', of: job({}), pods: [pod('a')], is: undefined },
    {
      rule: 'enough succeeded',
      of: job({ completions: 2 }, { succeeded: 1 }),
      pods: [pod('a', 'Succeeded')],
      is: 'CompletionsReached',
    },
    {
      rule: 'a queue of work ends with its last Pod',
      of: { ...job({}), spec: { template: job({}).spec.template, parallelism: 2 } },
      pods: [pod('a', 'Succeeded'), pod('b')],
      is: undefined,
    },
    {
      rule: 'too many failed',
      of: job({ backoffLimit: 1 }, { failed: 1 }),
      pods: [pod('a', 'Failed')],
      is: 'BackoffLimitExceeded',
    },
    {
      rule: 'as many failed as may',
      of: job({ backoffLimit: 1 }),
      pods: [pod('a', 'Failed')],
      is: undefined,
    },
    {
      rule: 'restarts in place count too',
      of: job({
        backoffLimit: 3,
        template: { metadata: {}, spec: { restartPolicy: 'OnFailure', containers: [] } },
      }),
      pods: [pod('a', 'Running', { restarts: 3 })],
      is: 'BackoffLimitExceeded',
    },
    {
      rule: 'too late',
      of: job({ activeDeadlineSeconds: 5 }, { startTime: formatTime(NOW - 5000) }),
      pods: [pod('a')],
      is: 'DeadlineExceeded',
    },
    {
      rule: 'an exit code that ends it all',
      of: job({
        podFailurePolicy: {
          rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }],
        },
      }),
      pods: [pod('a', 'Failed', { exitCode: 42 })],
      is: 'PodFailurePolicy',
    },
  ])('$rule', ({ of, pods, is }) => {
    expect(reason(of, ...pods)).toBe(is)
  })
})

describe('planPods', () => {
  const plan = (of: Job, ...pods: Pod[]) => {
    const { create, remove, retryInMs } = planPods(of, assess(of, pods, NONE), NOW)
    const removed = remove.map(({ metadata }) => metadata.uid)
    return { create: create.length, remove: removed, ...(retryInMs ? { retryInMs } : {}) }
  }

  it('starts as many as may run, and no more than are still needed', () => {
    const wide = job({ parallelism: 3, completions: 5 }, { succeeded: 3 })
    expect(plan(wide)).toEqual({ create: 2, remove: [] })
    expect(plan(job({ parallelism: 3, completions: 5 }), pod('a'))).toEqual({
      create: 2,
      remove: [],
    })
  })

  it('takes away what a smaller parallelism leaves over, and all while suspended', () => {
    const narrow = job({ parallelism: 1, completions: 5 })
    expect(plan(narrow, pod('a'), pod('b')).remove).toHaveLength(1)
    expect(plan(job({ suspend: true }), pod('a')).remove).toEqual(['a'])
  })

  it('waits longer after each failure, and not after a success', () => {
    const patient = job({ completions: 3, backoffLimit: 9 })
    const failed = (uid: string, agoMs: number) => pod(uid, 'Failed', { endedAgoMs: agoMs })
    expect(plan(patient, failed('a', 4000)).retryInMs).toBe(6000)
    expect(plan(patient, failed('a', 30_000), failed('b', 5000)).retryInMs).toBe(15_000)
    expect(plan(patient, failed('a', 11_000)).create).toBe(1)
    const success = pod('b', 'Succeeded', { endedAgoMs: 1000 })
    expect(plan(patient, failed('a', 4000), success).create).toBe(1)
  })

  it('gives out the lowest free indexes', () => {
    const indexed = job(
      { completionMode: 'Indexed', completions: 6, parallelism: 3 },
      { completedIndexes: '0,2' },
    )
    const now = assess(indexed, [pod('a', 'Running', { index: 1 })], NONE)
    expect(planPods(indexed, now, NOW).create).toEqual([3, 4])
  })
})

describe('statusOf', () => {
  it('has both conditions at the end, and none of the counting left', () => {
    const done = job({})
    const now = assess(done, [pod('a', 'Succeeded')], NONE)
    const finish = finishOf(done, now, NOW)
    const status = statusOf(done, now, finish, true, NOW)
    expect(status).toMatchObject({ succeeded: 1, active: 0, uncountedTerminatedPods: {} })
    expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete'])
    expect(status.completionTime).toBe(formatTime(NOW))
  })

  it('waits with the last condition for the last Pod', () => {
    const failing = job({ backoffLimit: 0, parallelism: 2 })
    const now = assess(failing, [pod('a', 'Failed'), pod('b')], NONE)
    const status = statusOf(failing, now, finishOf(failing, now, NOW), true, NOW)
    expect(status.conditions?.map(({ type }) => type)).toEqual(['FailureTarget'])
  })
})

describe('index sets', () => {
  it.each(['', '0', '0,1', '0-2', '0,2-4,7', '1,2,4,5', '3-10'])(
    '%j reads as it is written',
    (text) => {
      expect(formatIndexSet(parseIndexSet(text))).toBe(text)
    },
  )
})

import { formatTime, type Job, type Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { assess, conclude } from './assess.js'
import { finishOf } from './finish.js'
import { formatIndexSet, parseIndexSet } from './index-set.js'
import { jobPod } from './job-pod.js'
import { planPods } from './plan.js'
import { TRACKING } from './pod-marks.js'
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
    ...(shape.deleted
      ? { deletionTimestamp: formatTime(NOW), deletionGracePeriodSeconds: 30 }
      : {}),
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
    expect(planPods(indexed, now, NOW).create).toEqual([{ index: 3 }, { index: 4 }])
  })
})

describe('statusOf', () => {
  const conditions = (of: Job, ...pods: Pod[]) => {
    const now = assess(of, pods, NONE)
    const finish = finishOf(of, now, NOW)
    const concluded = finish ? conclude(of, now, finish.type, pods, NONE) : now
    const { active, ready, terminating } = now
    const standing = { active: 0, ready, terminating: terminating + active.length }
    return statusOf(of, concluded, standing, finish, true, NOW)
  }

  it('has both conditions at the end, and none of the counting left', () => {
    const status = conditions(job({}), pod('a', 'Succeeded'))
    expect(status).toMatchObject({ succeeded: 1, active: 0, uncountedTerminatedPods: {} })
    expect(status.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete'])
    expect(status.completionTime).toBe(formatTime(NOW))
  })

  it('waits with the last condition for the last Pod, which has failed like the Job', () => {
    const failing = job({ backoffLimit: 0, parallelism: 2 })
    const status = conditions(failing, pod('a', 'Failed'), pod('b'))
    expect(status.conditions?.map(({ type }) => type)).toEqual(['FailureTarget'])
    expect(status).toMatchObject({ failed: 2, terminating: 1 })
  })

  it('tells successes by their index, and does not count Pods without a valid one', () => {
    const indexed = job({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
    const now = assess(
      indexed,
      [
        pod('a', 'Succeeded', { index: 2 }),
        pod('b', 'Succeeded', { index: 7 }),
        pod('c', 'Failed', { index: 8 }),
      ],
      NONE,
    )
    const standing = { active: 0, ready: 0, terminating: 0 }
    expect(statusOf(indexed, now, standing, undefined, false, NOW)).toMatchObject({
      succeeded: 1,
      completedIndexes: '2',
      uncountedTerminatedPods: {},
    })
    expect(now.failed).toBe(0)
  })
})

describe('a Pod that is being deleted', () => {
  const deleted = pod('a', 'Running', { deleted: true })

  it('has failed, and is replaced at once', () => {
    const now = assess(job({}), [deleted], NONE)
    expect(now).toMatchObject({ failed: 1, terminating: 1 })
    expect(now.toRelease).toEqual([deleted])
  })

  it('is waited for by a Job that replaces what has failed', () => {
    const patient = job({ podReplacementPolicy: 'Failed' })
    const now = assess(patient, [deleted], NONE)
    expect(now).toMatchObject({ failed: 0, terminating: 1, toRelease: [] })
    expect(planPods(patient, now, NOW).create).toEqual([])
  })

  it('does not need to be waited for when it never ran', () => {
    const pending = pod('a', 'Pending', { deleted: true })
    expect(assess(job({ podReplacementPolicy: 'Failed' }), [pending], NONE).failed).toBe(1)
  })
})

describe('a limit by index', () => {
  const limited = (spec: Partial<Job['spec']> = {}, status: Job['status'] = {}) =>
    job(
      {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        backoffLimit: 2 ** 31 - 1,
        backoffLimitPerIndex: 1,
        ...spec,
      },
      status,
    )
  const failed = (uid: string, index: number, count: number, endedAgoMs = 60_000): Pod => {
    const one = pod(uid, 'Failed', { index, endedAgoMs, exitCode: 42 })
    const annotations = {
      ...one.metadata.annotations,
      'batch.kubernetes.io/job-index-failure-count': String(count),
    }
    return { ...one, metadata: { ...one.metadata, annotations } }
  }

  it('keeps a failed Pod until its replacement carries the count on', () => {
    const first = failed('a', 1, 0)
    const now = assess(limited(), [first], NONE)
    expect(now).toMatchObject({ failed: 1, toRelease: [] })
    const { create } = planPods(limited(), now, NOW)
    expect(create.map(({ index }) => index)).toEqual([0, 1, 2])
    const order = create[1] ?? {}
    const { metadata } = jobPod({ ...limited(), metadata: { name: 'work' } } as never, order)
    expect(metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-completion-index': '1',
      'batch.kubernetes.io/job-index-failure-count': '1',
    })
    const replaced = assess(limited(), [first, pod('b', 'Running', { index: 1 })], NONE)
    expect(replaced.toRelease).toEqual([first])
  })

  it('fails an index at its limit, and the Job when all are through', () => {
    const now = assess(limited(), [failed('a', 1, 1)], NONE)
    expect([...(now.failedIndexes ?? [])]).toEqual([1])
    expect(finishOf(limited(), now, NOW)).toBeUndefined()
    expect(planPods(limited(), now, NOW).create.map(({ index }) => index)).toEqual([0, 2])
    const rest = limited({}, { completedIndexes: '0,2' })
    expect(finishOf(rest, assess(rest, [failed('a', 1, 1)], NONE), NOW)).toMatchObject({
      reason: 'FailedIndexes',
      message: 'Job has failed indexes',
    })
  })

  it('ends the Job when too many indexes have failed', () => {
    const strict = limited({ maxFailedIndexes: 0 })
    expect(finishOf(strict, assess(strict, [failed('a', 1, 1)], NONE), NOW)).toMatchObject({
      reason: 'MaxFailedIndexesExceeded',
      message: 'Job has exceeded the specified maximal number of failed indexes',
    })
  })

  it('waits for each index by itself', () => {
    const now = assess(limited(), [failed('a', 1, 0, 4000)], NONE)
    const { create, retryInMs } = planPods(limited(), now, NOW)
    expect(create.map(({ index }) => index)).toEqual([0, 2])
    expect(retryInMs).toBe(6000)
  })

  it.each([
    { action: 'FailIndex', fails: [1], count: undefined },
    { action: 'Ignore', fails: [], count: '0' },
    { action: 'Count', fails: [], count: '1' },
  ])('$action of the failure policy', ({ action, fails, count }) => {
    const rules = [{ action, onExitCodes: { operator: 'In', values: [42] } }]
    const ruled = limited({ podFailurePolicy: { rules } })
    const now = assess(ruled, [failed('a', 1, 0)], NONE)
    expect([...(now.failedIndexes ?? [])]).toEqual(fails)
    const order = planPods(ruled, now, NOW).create.find(({ index }) => index === 1)
    const made = order && jobPod({ ...ruled, metadata: { name: 'work' } } as never, order)
    expect(made?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe(count)
  })
})

describe('a success policy', () => {
  it.each([
    { rule: 'all of some indexes', rules: [{ succeededIndexes: '0,2' }], is: undefined },
    {
      rule: 'a number of them',
      rules: [{ succeededIndexes: '2-4' }, { succeededIndexes: '0-3', succeededCount: 2 }],
      is: 'Matched rules at index 1',
    },
    {
      rule: 'a number of any',
      rules: [{ succeededCount: 2 }],
      is: 'Matched rules at index 0',
    },
  ])('$rule', ({ rules, is }) => {
    const spec = { completionMode: 'Indexed', completions: 5, parallelism: 5 }
    const led = job({ ...spec, successPolicy: { rules } }, { completedIndexes: '0,1' })
    const finish = finishOf(led, assess(led, [pod('a')], NONE), NOW)
    expect(finish?.message).toBe(is)
    if (finish) expect(finish).toMatchObject({ type: 'Complete', reason: 'SuccessPolicy' })
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

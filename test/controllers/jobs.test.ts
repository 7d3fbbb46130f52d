import { type Job, ManualClock, seededRandom } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'

const inDefault = { namespace: 'default' }

/** A plane on a clock that stands still, with a Job `work` of the given spec. */
async function planeWithJob(spec: object, annotations: Record<string, string> = {}) {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes: 1 })
  await plane.settle()
  const podSpec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1' }] }
  const template = { metadata: { annotations }, spec: podSpec }
  const jobs = plane.client.of(resources.jobs)
  const pods = plane.client.of(resources.pods)
  await jobs.create({
    metadata: { name: 'work', ...inDefault },
    spec: { ...spec, template },
  } as never)
  await plane.settle()
  return {
    jobs,
    pods,
    async advance(seconds: number) {
      for (let passed = 0; passed < seconds; passed++) {
        clock.advance(1000)
        await plane.settle()
      }
    },
    async patch(change: object) {
      await jobs.patch('work', change, { ...inDefault, type: 'merge' })
      await plane.settle()
    },
    status: async (): Promise<Job['status']> => (await jobs.get('work', inDefault)).status,
    settle: () => plane.settle(),
    async events() {
      const { items } = await plane.client.of(resources.events).list(inDefault)
      const own = items.filter(({ involvedObject }) => involvedObject.kind === 'Job')
      return own.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
    },
    [Symbol.asyncDispose]: () => plane.close(),
  }
}

const turns = (status: Job['status']) =>
  status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

describe('a Job', () => {
  it('ends with the indexes that failed too often', async () => {
    const spec = {
      completionMode: 'Indexed',
      completions: 2,
      parallelism: 2,
      backoffLimitPerIndex: 1,
    }
    await using held = await planeWithJob(spec, { 'miniplane/exit-code': '1' })
    await held.advance(20)
    const status = await held.status()
    expect(status).toMatchObject({ failed: 4, failedIndexes: '0,1' })
    expect(turns(status)).toEqual(['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes'])
    expect(await held.events()).toContain('Warning FailedIndexes: Job has failed indexes')
  })

  it('forgets the Pods that a pause takes away', async () => {
    await using held = await planeWithJob(
      { parallelism: 2, completions: 2 },
      { 'miniplane/run': 'forever' },
    )
    expect(await held.status()).toMatchObject({ active: 2, ready: 2, terminating: 0 })
    await held.patch({ spec: { suspend: true } })
    await held.advance(2)
    const paused = await held.status()
    expect(turns(paused)).toEqual(['Suspended=True JobSuspended'])
    expect(paused).toMatchObject({ terminating: 0, ready: 0 })
    expect([paused.active ?? 0, paused.failed ?? 0]).toEqual([0, 0])
    await held.patch({ spec: { suspend: false } })
    expect(turns(await held.status())).toEqual(['Suspended=False JobResumed'])
    expect(await held.status()).toMatchObject({ active: 2 })
    const told = await held.events()
    expect(told).toContain('Normal Suspended: Job suspended')
    expect(told).toContain('Normal Resumed: Job resumed')
  })

  it('counts a Pod that somebody deletes as failed', async () => {
    await using held = await planeWithJob({}, { 'miniplane/run': 'forever' })
    const [pod] = (await held.pods.list(inDefault)).items
    await held.pods.delete(pod?.metadata.name ?? '', inDefault)
    await held.settle()
    expect(await held.status()).toMatchObject({ failed: 1 })
  })

  it('takes away what is left when it has succeeded early', async () => {
    const spec = {
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 4,
      successPolicy: { rules: [{ succeededCount: 1 }] },
    }
    await using held = await planeWithJob(spec, { 'miniplane/run': 'forever' })
    const { items } = await held.pods.list(inDefault)
    const name = items[0]?.metadata.name ?? ''
    await held.pods.patch(
      name,
      { metadata: { annotations: { 'miniplane/run': null } } },
      { ...inDefault, type: 'merge' },
    )
    await held.advance(3)
    const status = await held.status()
    expect(turns(status)).toEqual([
      'SuccessCriteriaMet=True SuccessPolicy',
      'Complete=True SuccessPolicy',
    ])
    expect(status.conditions?.at(-1)?.message).toBe('Matched rules at index 0')
    expect(status).toMatchObject({ succeeded: 1, terminating: 0 })
    expect(status.failed ?? 0).toBe(0)
    expect((await held.pods.list(inDefault)).items).toHaveLength(1)
  })

  it('is left to whoever manages it', async () => {
    await using held = await planeWithJob({ managedBy: 'example.com/other' })
    expect((await held.pods.list(inDefault)).items).toEqual([])
    expect(await held.status()).toEqual({})
  })
})

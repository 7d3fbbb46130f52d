import {
  type CronJob,
  type Job,
  type KubeObject,
  ManualClock,
  parseTime,
  seededRandom,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { deployment } from '../support/workloads.js'

const inDefault = { namespace: 'default' }

async function heldPlane(start: string) {
  const clock = new ManualClock(parseTime(start))
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes: 1 })
  await plane.settle()
  const advance = async (seconds: number, stepSeconds = 1) => {
    for (let passed = 0; passed < seconds; passed += stepSeconds) {
      clock.advance(stepSeconds * 1000)
      await plane.settle()
    }
  }
  return { plane, advance, [Symbol.asyncDispose]: () => plane.close() }
}

const podSpec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main:1' }] }

async function create<T extends KubeObject>(
  plane: ControlPlane,
  ref: { objectType?: T },
  object: object,
) {
  await plane.client.of(ref as never).create(object as never)
  await plane.settle()
}

describe('a CronJob', () => {
  it('starts a Job at each of its times and keeps as many as it is told to', async () => {
    await using held = await heldPlane('2026-01-01T00:00:30Z')
    const { plane, advance } = held
    const spec = {
      schedule: '*/1 * * * *',
      successfulJobsHistoryLimit: 2,
      jobTemplate: { spec: { template: { spec: podSpec } } },
    }
    await create<CronJob>(plane, resources.cronJobs, {
      metadata: { name: 'tick', ...inDefault },
      spec,
    })
    await advance(4 * 60, 2)
    const { items } = await plane.client.of(resources.jobs).list(inDefault)
    // 00:01 is 29453761 minutes after the epoch.
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['tick-29453763', 'tick-29453764'])
    const { status } = await plane.client.of(resources.cronJobs).get('tick', inDefault)
    expect(status.lastScheduleTime).toBe('2026-01-01T00:04:00Z')
    expect(status.active ?? []).toEqual([])
  })
})

describe('a Job', () => {
  it('waits 10 s after a failed Pod, then 20 s, and gives up at its limit', async () => {
    await using held = await heldPlane('2026-01-01T00:00:00Z')
    const { plane, advance } = held
    const template = { metadata: { annotations: { 'miniplane/exit-code': '1' } }, spec: podSpec }
    const spec = { backoffLimit: 2, template }
    await create<Job>(plane, resources.jobs, { metadata: { name: 'work', ...inDefault }, spec })
    const pods = async () => (await plane.client.of(resources.pods).list(inDefault)).items.length
    await advance(10)
    expect(await pods()).toBe(1)
    await advance(2)
    expect(await pods()).toBe(2)
    await advance(20)
    expect(await pods()).toBe(2)
    await advance(3)
    expect(await pods()).toBe(3)
    const { status } = await plane.client.of(resources.jobs).get('work', inDefault)
    expect(status).toMatchObject({ failed: 3 })
    expect(status.conditions?.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'FailureTarget BackoffLimitExceeded',
      'Failed BackoffLimitExceeded',
    ])
  })
})

describe('a Deployment', () => {
  it('is called failed a moment after its deadline, and not before', async () => {
    await using held = await heldPlane('2026-01-01T00:00:00Z')
    const { plane, advance } = held
    const web = deployment('web', 1, (spec) => {
      spec.progressDeadlineSeconds = 600
      spec.template.metadata = {
        ...spec.template.metadata,
        annotations: { 'miniplane/ready': 'false' },
      }
    })
    await create(plane, resources.deployments, web)
    const reason = async () => {
      const { status } = await plane.client.of(resources.deployments).get('web', inDefault)
      return status.conditions?.find(({ type }) => type === 'Progressing')?.reason
    }
    await advance(600, 10)
    expect(await reason()).toBe('ReplicaSetUpdated')
    await advance(1)
    expect(await reason()).toBe('ProgressDeadlineExceeded')
  })
})

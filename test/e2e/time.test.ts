import { ManualClock, seededRandom } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { deployment, isReady } from '../support/workloads.js'

const inDefault = { namespace: 'default' }
const MINUTE_MS = 60_000

async function heldPlane(seed = 1) {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(seed), https: false })
  await plane.settle()
  const advance = async (byMs: number) => {
    clock.advance(byMs)
    await plane.settle()
  }
  return { plane, advance }
}

const statusOf = async (plane: ControlPlane, name: string) =>
  (await plane.client.of(resources.deployments).get(name, inDefault)).status

describe('with a clock that stands still', () => {
  it('a Deployment runs as soon as the plane has settled, without a moment passing', async () => {
    const { plane } = await heldPlane()
    await using _ = plane
    await plane.client.of(resources.deployments).create(deployment('web', 3))
    await plane.settle()
    expect(await statusOf(plane, 'web')).toMatchObject({ replicas: 3, availableReplicas: 3 })
  })

  it('ten minutes of a progress deadline pass at once, and not a second too early', async () => {
    const { plane, advance } = await heldPlane()
    await using _ = plane
    const stuck = deployment('stuck', 1, (spec) => {
      spec.progressDeadlineSeconds = 600
      spec.template.metadata.annotations = { 'miniplane/ready': 'false' }
    })
    await plane.client.of(resources.deployments).create(stuck)
    await plane.settle()
    const progressing = async () =>
      (await statusOf(plane, 'stuck')).conditions?.find(({ type }) => type === 'Progressing')
    for (let minute = 0; minute < 9; minute++) await advance(MINUTE_MS)
    expect(await progressing()).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' })
    await advance(MINUTE_MS + 2_000)
    expect(await progressing()).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    })
  })

  it('nodes stay Ready through an hour, since their heartbeats are on the same clock', async () => {
    const { plane, advance } = await heldPlane()
    await using _ = plane
    for (let minute = 0; minute < 60; minute++) await advance(MINUTE_MS)
    const { items } = await plane.client.of(resources.nodes).list()
    const ready = items.map(
      ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    )
    expect(ready).toEqual(['True', 'True'])
  })

  it('the same seed gives the same names on the same nodes', async () => {
    const run = async () => {
      const { plane } = await heldPlane(42)
      await using _ = plane
      await plane.client.of(resources.deployments).create(deployment('web', 4))
      await plane.settle()
      const { items } = await plane.client.of(resources.pods).list(inDefault)
      expect(items.filter(isReady)).toHaveLength(4)
      return items.map(({ metadata, spec }) => `${metadata.name} on ${spec.nodeName}`)
    }
    expect(await run()).toEqual(await run())
  })
})

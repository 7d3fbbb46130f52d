import { ManualClock } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { Etcd } from '../support/etcd.js'
import { eventually } from '../support/eventually.js'
import { judgesRequired, onPath } from '../support/judges.js'
import { deployment, isReady } from '../support/workloads.js'

const path = onPath('etcd')
const IN_DEFAULT = { namespace: 'default' }

describe.skipIf(path === undefined && !judgesRequired)('a plane whose state is in etcd', () => {
  const start = () => Etcd.start(path as string)
  const over = ({ url }: Etcd, prefix?: string) =>
    startControlPlane({ https: false, etcd: { servers: [url], prefix } })
  type Plane = Awaited<ReturnType<typeof over>>

  const rollOut = async ({ client }: Plane, name: string, replicas: number) => {
    await client.of(resources.deployments).create(deployment(name, replicas))
    await untilReady(client, name, replicas)
  }
  const untilReady = (client: Plane['client'], name: string, replicas: number) =>
    eventually(async () => {
      const { items } = await client.of(resources.pods).list(IN_DEFAULT)
      const ready = items.filter((pod) => pod.metadata.labels?.app === name && isReady(pod))
      expect(ready).toHaveLength(replicas)
    })

  it('rolls out a Deployment, and etcd holds what a real API server would write', async () => {
    await using etcd = await start()
    await using plane = await over(etcd)
    await rollOut(plane, 'web', 3)
    const keys = (await etcd.ctl('get', '/registry', '--prefix', '--keys-only'))
      .split('\n')
      .filter(Boolean)
    expect(keys).toContain('/registry/deployments/default/web')
    expect(keys).toContain('/registry/namespaces/kube-system')
    expect(keys.filter((key) => key.startsWith('/registry/pods/default/web-'))).toHaveLength(3)
    expect(keys.filter((key) => key.startsWith('/registry/minions/'))).toHaveLength(2)
  })

  it('has settled when all that its writes caused is done, as with a store of its own', async () => {
    await using etcd = await start()
    const clock = new ManualClock()
    await using plane = await startControlPlane({
      ...{ https: false, clock, etcd: { servers: [etcd.url] } },
    })
    await plane.settle()
    await plane.client.of(resources.deployments).create(deployment('web', 3))
    await plane.settle()
    const { items } = await plane.client.of(resources.pods).list(IN_DEFAULT)
    expect(items.filter(isReady)).toHaveLength(3)
  })

  it('keeps everything when the plane goes and another one comes', async () => {
    await using etcd = await start()
    const first = await over(etcd)
    await rollOut(first, 'web', 2)
    const before = await first.client.of(resources.deployments).get('web', IN_DEFAULT)
    await first.close()
    await using second = await over(etcd)
    const after = await second.client.of(resources.deployments).get('web', IN_DEFAULT)
    expect(after.metadata.uid).toBe(before.metadata.uid)
    await rollOut(second, 'more', 1)
  })

  it('lets two planes with different prefixes share one etcd', async () => {
    await using etcd = await start()
    await using ours = await over(etcd, '/ours')
    await using theirs = await over(etcd, '/theirs')
    await rollOut(ours, 'web', 1)
    const { items } = await theirs.client.of(resources.deployments).list(IN_DEFAULT)
    expect(items).toEqual([])
    const keys = await etcd.ctl('get', '/', '--prefix', '--keys-only')
    expect(keys).toContain('/ours/deployments/default/web')
    expect(keys).not.toContain('/registry/')
  })

  it('fails clearly while etcd is away, and goes on when it is back', async () => {
    await using etcd = await start()
    await using plane = await over(etcd)
    await rollOut(plane, 'web', 1)
    const maps = plane.client.of(resources.configMaps)
    const seen: string[] = []
    const { metadata } = await maps.list(IN_DEFAULT)
    const stop = await maps.watch(
      { ...IN_DEFAULT, resourceVersion: metadata.resourceVersion ?? '' },
      {
        onEvents: (events) =>
          void seen.push(...events.map(({ type, object }) => `${type} ${object.metadata.name}`)),
        onEnd: (error) => void seen.push(`ended: ${error}`),
      },
    )
    const write = (name: string) =>
      maps.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default' },
      } as never)
    await write('before')
    await eventually(() => expect(seen).toContain('ADDED before'))
    await etcd.kill()
    await expect(write('lost')).rejects.toMatchObject({ status: { code: 500 } })
    await etcd.run()
    await eventually(() => write('after'))
    await eventually(() => expect(seen).toEqual(['ADDED before', 'ADDED after']))
    await rollOut(plane, 'more', 2)
    stop()
  })
})

describe('a plane whose etcd is not there', () => {
  it('does not start, and says whom it asked', async () => {
    const start = startControlPlane({ https: false, etcd: { servers: ['http://127.0.0.1:1'] } })
    await expect(start).rejects.toMatchObject({
      name: 'StoreError',
      code: 'Unavailable',
      message: expect.stringContaining('ECONNREFUSED 127.0.0.1:1'),
    })
  })

  it.each([[[]], [['localhost']]])('does not start with servers %j', async (servers) => {
    await expect(startControlPlane({ https: false, etcd: { servers } })).rejects.toThrow(TypeError)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isStatusError, type KubeObject, type WatchEvent } from '@miniplane/api'
import {
  Client,
  connectionFrom,
  httpsTransport,
  parseKubeconfig,
  resources,
  type Transport,
} from '@miniplane/client'
import { type ListeningControlPlane, startControlPlane } from 'miniplane'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'

const inDefault = { namespace: 'default' }
const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
})

let plane: ListeningControlPlane
let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'transport-'))
  const start = () => startControlPlane({ controllers: false, nodes: 0, dataDir })
  // The second one doesn't remember what the first one wrote.
  await (await start()).close()
  plane = await start()
})
afterAll(async () => {
  await plane.close()
  await rm(dataDir, { recursive: true })
})

const transports: [string, () => Transport][] = [
  ['calls within the process', () => plane.transport('suite')],
  ['HTTPS', () => httpsTransport(connectionFrom(parseKubeconfig(plane.kubeconfig)))],
]

/** What every transport promises. */
describe.each(transports)('Transport over %s', (kind, open) => {
  let transport: Transport
  let client: Client
  const name = (suffix: string) => `${kind.startsWith('HTTPS') ? 'https' : 'calls'}-${suffix}`
  beforeAll(() => {
    transport = open()
    client = new Client(transport)
  })
  afterAll(() => transport.close())

  it('creates, reads, updates, patches and deletes', async () => {
    const configMaps = client.of(resources.configMaps)
    const created = await configMaps.create(configMap(name('crud'), { a: '1' }))
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(await configMaps.get(name('crud'), inDefault)).toEqual(created)
    const updated = await configMaps.update({ ...created, data: { a: '2' } })
    expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(
      Number(created.metadata.resourceVersion),
    )
    const patched = await configMaps.patch(
      name('crud'),
      { data: { b: '3' } },
      { ...inDefault, type: 'merge' },
    )
    expect(patched.data).toEqual({ a: '2', b: '3' })
    expect(await configMaps.delete(name('crud'), inDefault)).toMatchObject({ status: 'Success' })
  })

  it('throws what the server said: not found, conflict, invalid', async () => {
    const configMaps = client.of(resources.configMaps)
    await expect(configMaps.get('nobody', inDefault)).rejects.toSatisfy((error) =>
      isStatusError(error, 'NotFound'),
    )
    const created = await configMaps.create(configMap(name('conflict')))
    await configMaps.update({ ...created, data: { changed: 'yes' } })
    await expect(configMaps.update({ ...created, data: { late: 'yes' } })).rejects.toSatisfy(
      (error) => isStatusError(error, 'Conflict'),
    )
    await expect(configMaps.create(configMap('Not_A_Name'))).rejects.toSatisfy((error) =>
      isStatusError(error, 'Invalid'),
    )
  })

  it('watches from a revision: everything since, in order, until it is stopped', async () => {
    const configMaps = client.of(resources.configMaps)
    const { metadata } = await configMaps.list(inDefault)
    const events: WatchEvent<KubeObject>[] = []
    let ends = 0
    const created = await configMaps.create(configMap(name('watched')))
    const stop = await configMaps.watch(
      { ...inDefault, resourceVersion: metadata.resourceVersion ?? '' },
      {
        onEvents: (batch) => void events.push(...batch),
        onEnd: () => {
          ends++
        },
      },
    )
    await configMaps.update({ ...created, data: { a: '1' } })
    await configMaps.delete(name('watched'), inDefault)
    await eventually(() =>
      expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']),
    )
    stop()
    await configMaps.create(configMap(name('unseen')))
    expect(ends).toBe(1)
    expect(events).toHaveLength(3)
  })

  it('tells a watch that would begin too far back so, and ends it', async () => {
    const seen: string[] = []
    await new Promise<unknown>((resolve, reject) => {
      const sink = {
        onEvents: (batch: readonly WatchEvent<KubeObject>[]) =>
          void seen.push(...batch.map(({ type, object }) => `${type} ${object.reason}`)),
        onEnd: resolve,
      }
      client.of(resources.configMaps).watch({ resourceVersion: '1' }, sink).catch(reject)
    })
    expect(seen).toEqual(['ERROR Expired'])
  })

  it('refuses a watch with the Status of the server', async () => {
    const sink = { onEvents: () => {}, onEnd: () => {} }
    await expect(
      client.of(resources.configMaps).watch({ resourceVersion: 'not-a-number' }, sink),
    ).rejects.toSatisfy((error) => isStatusError(error))
  })

  it('carries why a request is made, and the server keeps it', async () => {
    const trigger = { resource: '/configmaps', key: 'default/why', revision: '7' }
    const caused = client.withCause({
      actor: 'suite',
      workItem: 'default/why',
      triggers: [trigger],
    })
    const created = await caused.of(resources.configMaps).create(configMap(name('caused')))
    const { object } = await client.request({
      method: 'GET',
      path: '/debug/miniplane/causes',
      query: { key: `default/${name('caused')}` },
    })
    expect(JSON.stringify(object)).toContain(`"revision":"${created.metadata.resourceVersion}"`)
    expect(JSON.stringify(object)).toContain(JSON.stringify([trigger]))
  })
})

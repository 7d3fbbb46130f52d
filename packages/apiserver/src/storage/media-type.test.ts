import {
  isEnvelope,
  type KubeList,
  type KubeObject,
  ManualClock,
  seededRandom,
} from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { expect, it } from 'vitest'
import { type ApiServer, createApiServer } from '../server.js'
import type { StorageMediaType } from './media-type.js'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

it('is a choice of each server: what another one wrote is read in either form', async () => {
  const clock = new ManualClock()
  const store = openEmbeddedStore({ clock })

  async function withServer<T>(
    storageMediaType: StorageMediaType,
    act: (ask: ReturnType<typeof asking>) => Promise<T>,
  ): Promise<T> {
    const server = createApiServer({
      store: store.client,
      storageMediaType,
      clock,
      random: seededRandom(1),
      tokens: [{ token: 'admin', user: { name: 'root', groups: ['system:masters'] } }],
    })
    await server.start()
    const result = await act(asking(server))
    await server.close()
    return result
  }
  const isProtobuf = async (name: string) => {
    const { kvs } = await store.client.range({ key: `/registry/configmaps/default/${name}` })
    return isEnvelope(kvs[0]?.value ?? new Uint8Array())
  }

  await withServer('application/json', async (ask) => {
    await ask('POST', CONFIG_MAPS, { metadata: { name: 'a' }, data: { k: '1' } })
  })
  expect(await isProtobuf('a')).toBe(false)

  await withServer(PROTOBUF, async (ask) => {
    await ask('POST', CONFIG_MAPS, { metadata: { name: 'b' }, data: { k: 'ä' } })
    const read = await ask<KubeObject>('GET', `${CONFIG_MAPS}/a`)
    expect(await ask('PUT', `${CONFIG_MAPS}/a`, { ...read, data: { k: '2' } })).toMatchObject({
      data: { k: '2' },
    })
  })
  expect([await isProtobuf('a'), await isProtobuf('b')]).toEqual([true, true])

  const { items } = await withServer('application/json', (ask) => ask<KubeList>('GET', CONFIG_MAPS))
  expect(items.map(({ metadata, data }) => [metadata.name, data])).toEqual([
    ['a', { k: '2' }],
    ['b', { k: 'ä' }],
  ])
  await store.close()
})

/** Answers as a client over the network reads them. */
function asking(server: ApiServer) {
  return async <T = unknown>(method: string, path: string, object?: unknown): Promise<T> => {
    const { body } = await server.handle({
      method,
      path,
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer admin' },
      ...(object !== undefined && { body: { object } }),
      signal: new AbortController().signal,
    })
    if (body.kind !== 'object') throw new Error(`a body of the kind ${body.kind}`)
    return JSON.parse(Buffer.from(body.json()).toString())
  }
}

import {
  type ApiResponse,
  type EncodedWatchEvent,
  type KubeList,
  type KubeObject,
  ManualClock,
  type Status,
} from '@miniplane/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits } from './limits.js'
import { ADMIN, type RequestOptions, requestOf, startServer } from './server.fixture.js'
import type { ApiServer } from './server.js'

const clock = new ManualClock()
let server: ApiServer
let close: () => Promise<void>

beforeEach(async () => {
  ;({ server, close } = await startServer({
    clock,
    tokens: [ADMIN, { token: 'alice', user: { name: 'alice', groups: ['devs'] } }],
  }))
})
afterEach(() => close())

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

const ask = (
  method: string,
  url: string,
  { body, ...rest }: Omit<RequestOptions, 'body'> & { body?: unknown } = {},
): Promise<ApiResponse> =>
  server.handle(
    requestOf(method, url, { ...rest, ...(body !== undefined && { body: { object: body } }) }),
  )

const objectOf = <T>({ body }: ApiResponse): T =>
  (body.kind === 'object' ? body.object : undefined) as T
const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name },
  data,
})

function watch(response: ApiResponse): EncodedWatchEvent[] {
  const events: EncodedWatchEvent[] = []
  if (response.body.kind === 'watch')
    response.body.events.subscribe({ onEvents: (batch) => events.push(...batch), onEnd() {} })
  return events
}

describe('an API server', () => {
  it('answers a write with the bytes that it stored, and every read with the same object', async () => {
    const created = await ask('POST', CONFIG_MAPS, { body: configMap('a', { k: 'v' }) })
    expect(created.status).toBe(201)
    const object = objectOf<KubeObject>(created)
    if (created.body.kind === 'object')
      expect(JSON.parse(Buffer.from(created.body.json()).toString())).toEqual(object)
    expect(objectOf(await ask('GET', `${CONFIG_MAPS}/a`))).toBe(object)
    const list = objectOf<KubeList>(await ask('GET', CONFIG_MAPS))
    expect(list.items[0]).toBe(object)
    expect(list.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })

  it('delivers a write to watchers before it answers the writer', async () => {
    const events = watch(await ask('GET', `${CONFIG_MAPS}?watch=1`))
    const created = await ask('POST', CONFIG_MAPS, { body: configMap('a') })
    expect(events).toHaveLength(1)
    expect(events[0]?.object).toBe(objectOf(created))
  })

  it('watches the object in the path, and no other that a selector names', async () => {
    const watchOf = (selector: string) =>
      ask('GET', `/api/v1/watch/namespaces/default/configmaps/a?fieldSelector=${selector}`)
    for (const selector of ['metadata.name=b', 'metadata.name!=b'])
      expect(objectOf<Status>(await watchOf(selector))).toMatchObject({
        code: 400,
        message: "fieldSelector metadata.name doesn't match requested name",
      })
    expect((await watchOf('metadata.name=a')).status).toBe(200)
  })

  it('has no paths of the proxy that was, by which a right to it would do for any method', async () => {
    await ask('POST', CONFIG_MAPS, { body: configMap('a') })
    const path = '/api/v1/proxy/namespaces/default/configmaps/a'
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await ask(method, path)).status).toBe(404)
    expect((await ask('GET', `${CONFIG_MAPS}/a`)).status).toBe(200)
  })

  it('keeps the version of an update that changes nothing, and refuses one of the past', async () => {
    const first = objectOf<KubeObject>(
      await ask('POST', CONFIG_MAPS, { body: configMap('a', { k: '1' }) }),
    )
    const same = objectOf<KubeObject>(
      await ask('PUT', `${CONFIG_MAPS}/a`, { body: configMap('a', { k: '1' }) }),
    )
    expect(same.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    await ask('PUT', `${CONFIG_MAPS}/a`, { body: configMap('a', { k: '2' }) })
    const { resourceVersion } = first.metadata
    const stale = await ask('PUT', `${CONFIG_MAPS}/a`, {
      body: { ...configMap('a'), metadata: { name: 'a', resourceVersion } },
    })
    expect(objectOf<Status>(stale)).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  it('lets concurrent patches of one object all through', async () => {
    await ask('POST', CONFIG_MAPS, { body: configMap('a') })
    const headers = { 'content-type': 'application/merge-patch+json' }
    const patches = Array.from({ length: 20 }, (_, i) =>
      ask('PATCH', `${CONFIG_MAPS}/a`, { headers, body: { data: { [`k${i}`]: 'v' } } }),
    )
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(Array(20).fill(200))
    const { data } = objectOf<{ data: object }>(await ask('GET', `${CONFIG_MAPS}/a`))
    expect(Object.keys(data)).toHaveLength(20)
  })

  it('serves a list in pages that are one moment, however much is written meanwhile', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await ask('POST', CONFIG_MAPS, { body: configMap(name) })
    const names: (string | undefined)[] = []
    let token: string | undefined = ''
    for (let page = 0; token !== undefined; page++) {
      const list: KubeList = objectOf(await ask('GET', `${CONFIG_MAPS}?limit=2&continue=${token}`))
      names.push(...list.items.map(({ metadata }) => metadata.name))
      if (page === 0) expect(list.metadata.remainingItemCount).toBe(3)
      token = list.metadata.continue
      await ask('POST', CONFIG_MAPS, { body: configMap(`cc-${page}`) })
      await ask('DELETE', `${CONFIG_MAPS}/e`)
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('keeps what finalizers hold, and lets it go with the last one', async () => {
    await ask('POST', CONFIG_MAPS, {
      body: { metadata: { name: 'a', finalizers: ['example.com/x'] } },
    })
    const held = objectOf<KubeObject>(await ask('DELETE', `${CONFIG_MAPS}/a`))
    expect(held.metadata.deletionTimestamp).toBeDefined()
    const headers = { 'content-type': 'application/merge-patch+json' }
    const last = objectOf<KubeObject>(
      await ask('PATCH', `${CONFIG_MAPS}/a`, { headers, body: { metadata: { finalizers: null } } }),
    )
    expect(last.metadata.resourceVersion).toBe(held.metadata.resourceVersion)
    expect((await ask('GET', `${CONFIG_MAPS}/a`)).status).toBe(404)
  })

  it('stores nothing of a dry run', async () => {
    const before = server.causes.size
    expect((await ask('POST', `${CONFIG_MAPS}?dryRun=All`, { body: configMap('a') })).status).toBe(
      201,
    )
    expect((await ask('GET', `${CONFIG_MAPS}/a`)).status).toBe(404)
    expect(server.causes.size).toBe(before)
  })

  it.each([
    ['GET', CONFIG_MAPS, 'nobody', 401, 'Unauthorized'],
    [
      'GET',
      CONFIG_MAPS,
      'alice',
      403,
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"',
    ],
    ['GET', '/metrics', 'alice', 403, 'forbidden: User "alice" cannot get path "/metrics"'],
    ['GET', '/api/v1/things', 'admin', 404, 'the server could not find the requested resource'],
    [
      'POST',
      `${CONFIG_MAPS}/a`,
      'admin',
      405,
      'the server does not allow this method on the requested resource',
    ],
    [
      'GET',
      `${CONFIG_MAPS}?resourceVersion=999999`,
      'admin',
      504,
      'Timeout: Too large resource version: 999999',
    ],
  ])('%s %s as %s is %i: %s', async (method, url, token, code, message) => {
    const asked = ask(method, url, { token })
    await Promise.resolve()
    clock.advance(limits.freshnessTimeoutMs)
    for (let i = 0; i < 20; i++) await Promise.resolve()
    clock.advance(limits.freshnessTimeoutMs)
    const response = await asked
    expect(response.status).toBe(code)
    expect(objectOf<Status>(response).message).toContain(message)
  })

  it('records who wrote what, and why', async () => {
    const cause = {
      actor: 'tester',
      workItem: 'default/x',
      triggers: [{ resource: '/pods', key: 'default/p', revision: '3' }],
    }
    const created = objectOf<KubeObject>(
      await ask('POST', CONFIG_MAPS, { body: configMap('a'), cause }),
    )
    const response = await ask('GET', '/debug/miniplane/causes?resource=/configmaps&key=default/a')
    expect(objectOf(response)).toEqual({
      records: [
        expect.objectContaining({
          revision: created.metadata.resourceVersion,
          verb: 'create',
          key: 'default/a',
          storageKey: '/registry/configmaps/default/a',
          user: 'root',
          userAgent: 'test',
          cause,
        }),
      ],
    })
  })

  it('issues tokens that it takes itself, until the account is gone', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await ask('POST', accounts, { body: { metadata: { name: 'sa' } } })
    const { status } = objectOf<{ status: { token: string } }>(
      await ask('POST', `${accounts}/sa/token`, { body: { spec: {} } }),
    )
    const review = (token: string) =>
      ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {}, token })
    expect(objectOf(await review(status.token))).toMatchObject({
      status: { userInfo: { username: 'system:serviceaccount:default:sa' } },
    })
    await ask('DELETE', `${accounts}/sa`)
    expect((await review(status.token)).status).toBe(401)
  })

  it('answers 503 when it is closed, and says why it is not ready', async () => {
    await ask('POST', CONFIG_MAPS, { body: configMap('a') })
    await server.close()
    for (const method of ['GET', 'POST'])
      expect(objectOf(await ask(method, CONFIG_MAPS, { body: configMap('b') }))).toMatchObject({
        code: 503,
        reason: 'ServiceUnavailable',
        message: 'The apiserver is shutting down, please try again later.',
      })
    expect((await ask('GET', '/readyz')).status).toBe(500)
  })
})

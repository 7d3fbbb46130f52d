import { ManualClock, seededRandom } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { expect, test } from 'vitest'
import { createApiServer } from '../server.js'
import type { AuthorizationMode } from './modes.js'

const clock = new ManualClock()
const USERS = {
  admin: { name: 'root', groups: ['system:masters'] },
  alice: { name: 'alice', groups: ['devs'] },
  node: { name: 'system:node:n', groups: ['system:nodes'] },
}
const PODS = '/api/v1/pods'

/** What a server with these modes answers to each who asks. */
async function answers(modes: readonly AuthorizationMode[], url: string) {
  const store = openEmbeddedStore({ clock })
  const server = createApiServer({
    store: store.client,
    clock,
    random: seededRandom(5),
    authorizationModes: modes,
    tokens: Object.entries(USERS).map(([token, user]) => ({ token, user })),
  })
  await server.start()
  const [path = '', query = ''] = url.split('?')
  const found: Record<string, number> = {}
  for (const who of [...Object.keys(USERS), 'nobody']) {
    const { status } = await server.handle({
      method: 'GET',
      path,
      query: new URLSearchParams(query),
      headers: who === 'nobody' ? {} : { authorization: `Bearer ${who}` },
      signal: new AbortController().signal,
    })
    found[who] = status
  }
  await server.close()
  await store.close()
  return found
}

test.each<[AuthorizationMode[], url: string, Record<string, number>]>([
  [['Node', 'RBAC'], PODS, { admin: 200, alice: 403, node: 403, nobody: 403 }],
  [
    ['Node', 'RBAC'],
    `${PODS}?fieldSelector=spec.nodeName=n`,
    { admin: 200, alice: 403, node: 200, nobody: 403 },
  ],
  [
    ['RBAC'],
    `${PODS}?fieldSelector=spec.nodeName=n`,
    { admin: 200, alice: 403, node: 403, nobody: 403 },
  ],
  [['Node', 'RBAC'], '/version', { admin: 200, alice: 200, node: 200, nobody: 200 }],
  [['Node', 'RBAC'], '/api', { admin: 200, alice: 200, node: 200, nobody: 403 }],
  // Who may do everything must at least be somebody.
  [['AlwaysAllow'], PODS, { admin: 200, alice: 200, node: 200, nobody: 401 }],
  [['AlwaysDeny'], PODS, { admin: 200, alice: 403, node: 403, nobody: 403 }],
])('%j, GET %s: %j', async (modes, url, expected) => {
  expect(await answers(modes, url)).toEqual(expected)
})

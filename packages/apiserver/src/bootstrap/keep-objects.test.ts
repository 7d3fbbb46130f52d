import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ApiServer, createApiServer } from '../server.js'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
const TRUST = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'
const LEVEL = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/workload-low'
const certificate = (text: string) =>
  `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`

type Anything = KubeObject & {
  readonly items: KubeObject[]
  readonly spec: Record<string, unknown> & { limited: { nominalConcurrencyShares: number } }
  readonly data?: Record<string, string>
}

const clock = new ManualClock()
const store = openEmbeddedStore({ clock })
let server: ApiServer

beforeAll(async () => {
  server = createApiServer({
    store: store.client,
    clock,
    random: seededRandom(7),
    tokens: [{ token: 'admin', user: { name: 'root', groups: ['system:masters'] } }],
  })
  server.clientAuthorities = certificate('own')
  await server.start()
})
afterAll(async () => {
  await server.close()
  await store.close()
})

async function ask(method: string, path: string, body?: object): Promise<Anything> {
  const answer = await server.handle({
    method,
    path,
    query: new URLSearchParams(),
    headers: {
      authorization: 'Bearer admin',
      ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
    },
    signal: new AbortController().signal,
    ...(body && { body: { object: body } }),
  })
  if (answer.body.kind !== 'object') throw new Error('no object')
  return answer.body.object as Anything
}

/** Ten seconds later, `path` answers an object like this. */
async function becomes(path: string, expected: object): Promise<void> {
  clock.advance(10_000)
  await expect.poll(() => ask('GET', path)).toMatchObject(expected)
}

it.each([
  '/api/v1/namespaces/default/services/kubernetes',
  '/api/v1/namespaces/default/endpoints/kubernetes',
  '/apis/networking.k8s.io/v1/servicecidrs/kubernetes',
  TRUST,
  LEVEL,
])('%s is made again', async (path) => {
  const { kind, metadata } = await ask('GET', path)
  await ask('DELETE', path)
  await becomes(path, { kind, metadata: { name: metadata.name } })
})

it('the lease of a server is renewed', async () => {
  const [lease] = (await ask('GET', LEASES)).items as Anything[]
  const { name } = lease?.metadata ?? {}
  const renewed = new Date(clock.now() + 10_000).toISOString().replace('Z', '000Z')
  await becomes(`${LEASES}/${name}`, {
    metadata: { annotations: { 'kubernetes.io/peer-advertise-address': '192.0.2.1:443' } },
    spec: { ...lease?.spec, renewTime: renewed },
  })
})

it('who is trusted elsewhere is trusted here', async () => {
  const other = certificate('other')
  await ask('PATCH', TRUST, { data: { 'client-ca-file': other, more: 'stays' } })
  await becomes(TRUST, { data: { 'client-ca-file': other + certificate('own'), more: 'stays' } })
})

it('a level of its own is as it should be, unless somebody says otherwise', async () => {
  const { spec } = await ask('GET', LEVEL)
  await ask('PATCH', LEVEL, { spec: { limited: { nominalConcurrencyShares: 7 } } })
  await becomes(LEVEL, { spec })
  const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'false' }
  const changed = { limited: { nominalConcurrencyShares: 8 } }
  await ask('PATCH', LEVEL, { metadata: { annotations }, spec: changed })
  await becomes(LEVEL, { spec: changed })
})

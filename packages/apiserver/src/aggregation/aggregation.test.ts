import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type KubeObject, seededRandom } from '@miniplane/api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { issueCertificate } from '../edge/x509/certificate.js'
import { requestOf, startServer } from '../server.fixture.js'
import type { ApiServer } from '../server.js'

// Every answer here was compared with a real 1.36.3.

const VERSION = '/apis/agg.example.com/v1'
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const served = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'agg.example.com/v1',
  resources: [
    { name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['get'] },
    { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
  ],
}

let server: ApiServer
let close: () => Promise<void>
let behind: Server

beforeAll(async () => {
  ;({ server, close } = await startServer({}))
  const validity = { notBeforeMs: 0, notAfterMs: 4e12 }
  const order = {
    commonName: 'behind',
    usage: 'server',
    names: ['localhost'],
    ...validity,
  } as const
  const { certificatePem: cert, privateKeyPem: key } = issueCertificate(order, seededRandom(1))
  behind = createServer({ cert, key }, ({ method, url, headers }, response) => {
    const isList = url === VERSION
    response.writeHead(isList ? 200 : 418, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isList ? served : { method, url, headers }))
  })
  await new Promise<void>((resolve) => behind.listen(0, 'localhost', resolve))
  const { port } = behind.address() as AddressInfo
  await make('/api/v1/namespaces/default/services', 'behind', {
    type: 'ExternalName',
    externalName: 'localhost',
  })
  await makeService('agg.example.com', { name: 'behind', port })
  await makeService('gone.example.com', { name: 'nobody', port: 443 })
})

afterAll(async () => {
  await close()
  behind.close()
})

const make = (path: string, name: string, spec: object) =>
  server.handle(requestOf('POST', path, { body: { object: { metadata: { name }, spec } } }))

const makeService = (group: string, service: object) =>
  make('/apis/apiregistration.k8s.io/v1/apiservices', `v1.${group}`, {
    group,
    version: 'v1',
    groupPriorityMinimum: 100,
    versionPriority: 10,
    insecureSkipTLSVerify: true,
    service: { namespace: 'default', ...service },
  })

async function ask(method: string, path: string, headers = {}) {
  const { status, body } = await server.handle(requestOf(method, path, { headers }))
  if (body.kind === 'object') return { status, object: body.object as KubeObject }
  if (body.kind === 'bytes') return { status, text: Buffer.from(body.bytes).toString() }
  if (body.kind !== 'stream') return { status }
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open(new AbortController().signal)) chunks.push(chunk)
  return { status, object: JSON.parse(Buffer.concat(chunks).toString()) as KubeObject }
}

const available = () =>
  vi.waitFor(async () => {
    const { object } = await ask(
      'GET',
      '/apis/apiregistration.k8s.io/v1/apiservices/v1.agg.example.com',
    )
    const condition = { type: 'Available', status: 'True', reason: 'Passed' }
    expect(object).toMatchObject({ status: { conditions: [condition] } })
  })

describe('a server behind an API service', () => {
  it('is asked in the name of who asks, and answers as it likes', async () => {
    await available()
    const given = { 'x-mine': 'yes', 'x-remote-user': 'somebody' }
    const { status, object } = await ask('GET', `${VERSION}/things?a=b`, given)
    expect(status).toBe(418)
    expect(object).toMatchObject({
      url: `${VERSION}/things?a=b`,
      headers: { 'x-mine': 'yes', 'x-remote-group': expect.stringContaining('system:') },
    })
    const { headers } = object as unknown as { headers: Record<string, string> }
    expect(headers['x-remote-user']).toBe('root')
    expect(headers).not.toHaveProperty('authorization')
    expect(await ask('HEAD', `${VERSION}/things`)).toEqual({ status: 418 })
  })

  it('is part of what is served', async () => {
    await available()
    expect((await ask('GET', VERSION)).object).toEqual(served)
    const { object } = await ask('GET', '/apis', { accept: AGGREGATED })
    const { items } = object as unknown as { items: KubeObject[] }
    const found = items.find(({ metadata }) => metadata.name === 'agg.example.com')
    expect(found).toMatchObject({
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [{ resource: 'things', scope: 'Namespaced', subresources: [{}] }],
        },
      ],
    })
  })

  it.each([
    ['/apis/gone.example.com/v1', 503, 'service unavailable\n'],
    ['/apis/gone.example.com/v1/namespaces/x/things', 503, 'service unavailable\n'],
    ['/apis/gone.example.com/v2', 404, '404 page not found\n'],
  ])('may not be there: %s', async (path, status, text) => {
    expect(await ask('GET', path)).toEqual({ status, text })
  })

  it('is told of even so', async () => {
    const { object } = await ask('GET', '/apis/gone.example.com')
    expect(object).toMatchObject({ kind: 'APIGroup', versions: [{ version: 'v1' }] })
  })
})

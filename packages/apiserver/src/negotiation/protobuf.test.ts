import {
  decodeMessage,
  decodeObject,
  type EncodedWatchEvent,
  encodeMessage,
  ManualClock,
  messageSchema,
  namedSchema,
  openEnvelope,
  sealEnvelope,
} from '@miniplane/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestOf, startServer } from '../server.fixture.js'
import type { ApiServer } from '../server.js'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const PARTIAL = 'PartialObjectMetadata'
const PODS = '/api/v1/namespaces/default/pods'
const AUTOSCALERS = 'namespaces/default/horizontalpodautoscalers'

const clock = new ManualClock()
let server: ApiServer
let close: () => Promise<void>

beforeEach(async () => {
  ;({ server, close } = await startServer({ clock, disableAdmissionPlugins: ['ServiceAccount'] }))
})
afterEach(() => close())

async function ask(
  method: string,
  url: string,
  accept: string,
  body?: Uint8Array | { readonly object: unknown },
  contentType = PROTOBUF,
) {
  const headers = { accept, 'content-type': contentType }
  return server.handle(requestOf(method, url, { headers, ...(body !== undefined && { body }) }))
}

type Answer = Awaited<ReturnType<typeof ask>>

/** An answer in JSON as a client reads it. */
function jsonOf({ body }: Answer): Record<string, unknown> {
  if (body.kind !== 'object') throw new Error(`a body of the kind ${body.kind}`)
  return JSON.parse(Buffer.from(body.json()).toString())
}

/** An answer in protobuf, as JSON would have it. */
function protobufOf({ headers, body }: Answer): Record<string, unknown> {
  expect(headers['content-type']).toBe(PROTOBUF)
  if (body.kind !== 'bytes') throw new Error(`a body of the kind ${body.kind}`)
  return opened(body.bytes)
}

function opened(bytes: Uint8Array): Record<string, unknown> {
  const { kind, apiVersion, raw } = openEnvelope(bytes)
  const schema = messageSchema(apiVersion, kind)
  if (!schema) throw new Error(`no schema of ${apiVersion} ${kind}`)
  return decodeObject({ kind, apiVersion, ...decodeMessage(raw, schema) }, schema).object
}

function sealed(object: {
  kind: string
  apiVersion: string
  [field: string]: unknown
}): Uint8Array {
  const schema = messageSchema(object.apiVersion, object.kind)
  if (!schema) throw new Error(`no schema of ${object.kind}`)
  return sealEnvelope({
    ...object,
    raw: encodeMessage(decodeObject(object, schema).object, schema),
  })
}

const pod = (name: string) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'nginx', resources: { limits: { cpu: '1500m' } } }] },
})

async function watched(url: string, accept: string): Promise<EncodedWatchEvent[]> {
  const { body, headers } = await ask('GET', url, accept)
  expect(headers['content-type']).toBe(`${PROTOBUF};stream=watch`)
  const events: EncodedWatchEvent[] = []
  if (body.kind === 'watch')
    body.events.subscribe({ onEvents: (batch) => events.push(...batch), onEnd() {} })
  return events
}

/** A frame of a watch: what happened to what. */
function frameOf(event: EncodedWatchEvent) {
  const bytes = Buffer.from(event.bytes())
  expect(bytes.readUInt32BE()).toBe(bytes.length - 4)
  const { type, object } = decodeMessage(bytes.subarray(4), WATCH_EVENT) as {
    type: string
    object: { raw: string }
  }
  return { type, object: opened(Buffer.from(object.raw, 'base64')) }
}

/** As on the wire: what JSON has in place of the object are bytes there. */
const WATCH_EVENT = {
  ...namedSchema('meta.v1.WatchEvent'),
  name: 'WatchEvent on the wire',
  fields: new Map(
    [...namedSchema('meta.v1.WatchEvent').fields].map(([name, field]) => [
      name,
      name === 'object' ? { ...field, schema: wrapped() } : field,
    ]),
  ),
}

function wrapped() {
  const empty = namedSchema('meta.v1.Verbs')
  const raw = { ...empty.fields.get('items'), name: 'raw', tag: 1 }
  const fields = new Map([['raw', { ...raw, schema: { type: 'scalar', scalar: 'bytes' } }]])
  return { ...empty, fields } as unknown as typeof empty
}

describe('protobuf', () => {
  it('says of one object what JSON says', async () => {
    const created = await ask('POST', PODS, PROTOBUF, sealed(pod('a')))
    expect(created.status).toBe(201)
    const read = await ask('GET', `${PODS}/a`, PROTOBUF)
    const json = jsonOf(await ask('GET', `${PODS}/a`, 'application/json'))
    expect(protobufOf(read)).toEqual(json)
    expect(protobufOf(created)).toEqual(json)
  })

  it('says of a list what JSON says', async () => {
    for (const name of ['a', 'b', 'c']) await ask('POST', PODS, PROTOBUF, sealed(pod(name)))
    for (const url of [PODS, `${PODS}?limit=2`, `${PODS}?labelSelector=app=web`])
      expect(protobufOf(await ask('GET', url, PROTOBUF))).toEqual(
        jsonOf(await ask('GET', url, 'application/json')),
      )
  })

  it('says of metadata alone what JSON says', async () => {
    await ask('POST', PODS, PROTOBUF, sealed(pod('a')))
    for (const [url, kind] of [
      [`${PODS}/a`, PARTIAL],
      [PODS, `${PARTIAL}List`],
    ]) {
      const as = `;as=${kind};g=meta.k8s.io;v=v1`
      const { items = [], ...read } = protobufOf(await ask('GET', `${url}`, `${PROTOBUF}${as}`))
      const json = jsonOf(await ask('GET', `${url}`, `application/json${as}`))
      // On the wire items have no type.
      const typed = (items as object[]).map((item) => ({
        kind: PARTIAL,
        apiVersion: 'meta.k8s.io/v1',
        ...item,
      }))
      expect(typed.length > 0 ? { ...read, items: typed } : read).toEqual(json)
    }
  })

  it('is in a watch a frame an event, and watchers share its bytes', async () => {
    const [first, second] = [
      await watched(`${PODS}?watch=1`, `${PROTOBUF};stream=watch`),
      await watched(`${PODS}?watch=1`, PROTOBUF),
    ]
    await ask('POST', PODS, PROTOBUF, sealed(pod('a')))
    const json = jsonOf(await ask('GET', `${PODS}/a`, 'application/json'))
    await ask('DELETE', `${PODS}/a`, PROTOBUF)
    expect(first.map(frameOf)).toMatchObject([
      { type: 'ADDED', object: json },
      { type: 'MODIFIED', object: { metadata: { deletionGracePeriodSeconds: 0 } } },
      { type: 'DELETED', object: { metadata: { name: 'a' } } },
    ])
    expect(first[0]?.bytes()).toBe(second[0]?.bytes())
  })

  it('is in a watch of metadata a frame of metadata', async () => {
    const as = ';as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    const events = await watched(`${PODS}?watch=1`, `${PROTOBUF}${as}`)
    await ask('POST', PODS, PROTOBUF, sealed(pod('a')))
    const { metadata } = jsonOf(await ask('GET', `${PODS}/a`, 'application/json'))
    expect(frameOf(events[0] as EncodedWatchEvent)).toEqual({
      type: 'ADDED',
      object: { kind: PARTIAL, apiVersion: 'meta.k8s.io/v1', metadata },
    })
  })

  it('is in each version of a kind the message of that version', async () => {
    const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
    const spec = { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 70 }
    const metadata = { name: 'h' }
    const object = { kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v1', metadata, spec }
    await ask('POST', `/apis/autoscaling/v1/${AUTOSCALERS}`, PROTOBUF, sealed(object))
    for (const version of ['v1', 'v2'])
      for (const name of ['/h', '']) {
        const url = `/apis/autoscaling/${version}/${AUTOSCALERS}${name}`
        const json = jsonOf(await ask('GET', url, 'application/json'))
        expect(protobufOf(await ask('GET', url, PROTOBUF))).toEqual(json)
      }
  })

  it('is how errors, reviews and discovery are told too', async () => {
    expect(protobufOf(await ask('GET', `${PODS}/none`, PROTOBUF))).toMatchObject({
      kind: 'Status',
      code: 404,
      message: 'pods "none" not found',
    })
    const review = {
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { nonResourceAttributes: { path: '/', verb: 'get' } },
    }
    const url = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    expect(protobufOf(await ask('POST', url, PROTOBUF, sealed(review)))).toMatchObject({
      status: { allowed: true },
    })
    for (const path of ['/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1'])
      expect(protobufOf(await ask('GET', path, PROTOBUF))).toEqual(
        jsonOf(await ask('GET', path, 'application/json')),
      )
  })

  it('is a form of the aggregated discovery document, which is asked for again by its tag', async () => {
    const as = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
    const json = await ask('GET', '/apis', `application/json,application/json${as}`)
    const { headers, body } = await ask('GET', '/apis', `${PROTOBUF}${as}`)
    expect(headers['content-type']).toBe(`${PROTOBUF}${as}`)
    expect(body.kind === 'bytes' && opened(body.bytes)).toEqual(jsonOf(json))
    const { etag, vary } = json.headers
    expect([etag, vary]).toEqual([headers.etag, 'Accept'])
    const again = await server.handle({
      method: 'GET',
      path: '/apis',
      query: new URLSearchParams(),
      headers: {
        authorization: 'Bearer admin',
        accept: `application/json${as}`,
        'if-none-match': String(etag),
      },
      signal: new AbortController().signal,
    })
    expect([again.status, again.body.kind]).toEqual([304, 'none'])
  })

  it('that can not be read is refused in the words of the real server', async () => {
    const whole = sealed(pod('a'))
    const message = async (body: Uint8Array) =>
      jsonOf(await ask('POST', PODS, 'application/json', body)).message
    expect(await message(Buffer.from('{}'))).toBe(
      'the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})',
    )
    const broken = sealEnvelope({ kind: 'Pod', apiVersion: 'v1', raw: Buffer.from('0a05', 'hex') })
    expect(await message(broken)).toBe(
      'Pod in version "v1" cannot be handled as a Pod: unexpected EOF',
    )
    expect(await message(whole.subarray(0, whole.length - 20))).toContain('unexpected EOF')
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FuzzedServer } from '../fuzz/fuzzed-server.fixture.js'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const served = new FuzzedServer()
/** The versions of the ConfigMaps c0 to c4, and of c0's second state. */
const versions: string[] = []

interface Answer {
  readonly message?: string
  readonly metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  readonly items?: readonly { metadata: { name: string; resourceVersion: string } }[]
}

async function ask(method: string, url: string, sent?: unknown, accept = 'application/json') {
  const body = sent === undefined ? undefined : JSON.stringify(sent)
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const headers = { 'content-type': type, accept }
  const { status, text } = await served.ask({ method, url, headers, ...(body && { body }) })
  return { status, text }
}

async function get(query: string) {
  const { status, text } = await ask('GET', `${CONFIG_MAPS}${query}`)
  const answer = JSON.parse(text) as Answer
  return {
    code: status,
    ...answer,
    names: answer.items?.map(({ metadata }) => metadata.name).join(' '),
  }
}

async function watch(url: string) {
  const { text } = await ask('GET', url)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

beforeAll(async () => {
  await served.start()
  const write = async (method: string, url: string, body: unknown) => {
    const { text } = await ask(method, url, body)
    versions.push((JSON.parse(text) as Answer).metadata.resourceVersion ?? '')
  }
  for (let i = 0; i < 5; i++) {
    await write('POST', CONFIG_MAPS, { metadata: { name: `c${i}`, labels: { odd: `${i % 2}` } } })
  }
  await write('PATCH', `${CONFIG_MAPS}/c0`, { data: { second: 'state' } })
})
afterAll(() => served.close())

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

// Every answer here was compared with a real 1.36.3.

describe('a list', () => {
  it('goes on at the key that its token has', async () => {
    const { metadata } = await get('?limit=2')
    const start = JSON.parse(Buffer.from(metadata.continue ?? '', 'base64url').toString())
    expect(start).toMatchObject({ v: 'meta.k8s.io/v1', start: '/c1\0' })
    expect(await get(`?limit=2&continue=${token(start)}`)).toMatchObject({ names: 'c2 c3' })
    const itself = token({ ...start, start: 'c1' })
    expect(await get(`?limit=2&continue=${itself}`)).toMatchObject({ names: 'c1 c2' })
    const inCapitals = token({ V: start.v, RV: start.rv, START: start.start })
    expect(await get(`?limit=2&continue=${inCapitals}`)).toMatchObject({ names: 'c2 c3' })
  })

  it('counts what remains unless a selector leaves something out', async () => {
    expect((await get('?limit=2')).metadata.remainingItemCount).toBe(3)
    expect((await get('?limit=2&fieldSelector=,')).metadata.remainingItemCount).toBe(3)
    expect((await get('?limit=2&labelSelector=odd%3D0')).metadata).not.toHaveProperty(
      'remainingItemCount',
    )
  })

  it('of any version is whole, but of Events, which no cache holds', async () => {
    const events = '/api/v1/namespaces/default/events'
    for (const name of ['a', 'b'])
      await ask('POST', events, { metadata: { name }, involvedObject: { namespace: 'default' } })
    expect((await get('?limit=2&resourceVersion=0')).items).toHaveLength(5)
    const { text } = await ask('GET', `${events}?limit=1&resourceVersion=0`)
    expect((JSON.parse(text) as Answer).items).toHaveLength(1)
  })

  it('of one object has no pages, and is of the past only when that is said', async () => {
    const [first = '', second = ''] = versions
    const one = `?limit=1&fieldSelector=metadata.name%3Dc0&resourceVersion=${second}`
    expect((await get(one)).items?.[0]?.metadata.resourceVersion).toBe(versions[5])
    const { items, metadata } = await get(`${one}&resourceVersionMatch=Exact`)
    expect(items?.[0]?.metadata.resourceVersion).toBe(first)
    expect(metadata).toEqual({ resourceVersion: second })
  })
})

describe('a get', () => {
  it.each([
    [
      'resourceVersion=-1',
      500,
      'resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    ['export=true', 400, 'the export parameter, deprecated since v1.14, is no longer supported'],
    ['export=0', 200, undefined],
  ])('with %s answers %i', async (query, status, message) => {
    const answer = await get(`/c1?${query}`)
    expect([answer.code, answer.message]).toEqual([status, message])
  })

  it.each(['..', '%2525'])('of %s names nothing', async (name) => {
    expect(await get(`/${name}`)).toMatchObject({ code: 400 })
  })
})

it('has one order of fields, however it is shown', async () => {
  const keys = async (url: string, accept?: string) => {
    const { text } = await ask('GET', url, undefined, accept)
    return Object.keys((JSON.parse(text) as Answer).metadata).slice(0, 4)
  }
  const inOrder = ['name', 'namespace', 'uid', 'resourceVersion']
  expect(await keys(`${CONFIG_MAPS}/c1`)).toEqual(inOrder)
  expect(await keys(`${CONFIG_MAPS}/c1?pretty=1`)).toEqual(inOrder)
  const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
  expect(await keys(`${CONFIG_MAPS}/c1`, partial)).toEqual(inOrder)
})

describe('a watch', () => {
  it.each(['', '&resourceVersion=0', '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'])(
    'with bookmarks marks where what there was ends: %s',
    async (query) => {
      const events = await watch(`${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true${query}`)
      expect(events.map(({ type }) => type).join(' ')).toBe(
        'ADDED ADDED ADDED ADDED ADDED BOOKMARK',
      )
      const annotations = { 'k8s.io/initial-events-end': 'true' }
      const { resourceVersion } = (await get('')).metadata
      expect(events[5].object.metadata).toEqual({ resourceVersion, annotations })
    },
  )

  it('begins where the server did, also of what nobody had asked for since', async () => {
    const { text } = await ask('POST', LEASES, { metadata: { name: 'l' } })
    expect(text).toContain('"Lease"')
    const [event] = await watch(`${LEASES}?watch=1&resourceVersion=1`)
    expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'l' } } })
  })

  it('without what there was begins after the version that it names', async () => {
    const none = '&sendInitialEvents=false&resourceVersionMatch=NotOlderThan'
    expect(await watch(`${CONFIG_MAPS}?watch=1${none}`)).toEqual([])
    const later = await watch(`${CONFIG_MAPS}?watch=1${none}&resourceVersion=${versions[3]}`)
    expect(later.map(({ object }) => object.metadata.name)).toEqual(['c4', 'c0'])
  })
})

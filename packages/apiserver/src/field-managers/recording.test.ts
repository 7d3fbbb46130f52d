import { type ObjectMeta, parseTime } from '@miniplane/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, MERGE, managersOf, Stage } from './story.fixture.js'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

const ONE_SECOND = 1000

describe('who writes an object', () => {
  it('owns what it adds and changes, and who had it before has it no more', async () => {
    const story = await stage.begin()
    const created = await story.create('configmaps', configMap({ k: '1', l: '1' }), { as: 'one' })
    expect(created.managers).toEqual(['one Update v1: .data .data.k .data.l'])
    const changed = await story.write('configmaps/a', configMap({ k: '2', m: '1' }), { as: 'two' })
    expect(changed.managers).toEqual(['one Update v1: .data', 'two Update v1: .data.k .data.m'])
  })

  it('is forgotten when an Event is written through the other of its two groups', async () => {
    const stage = await Stage.open()
    await stage.write('/api/v1/namespaces', { metadata: { name: 'n' } }, { method: 'POST' })
    const core = '/api/v1/namespaces/n/events'
    const event = { metadata: { name: 'e' }, involvedObject: { namespace: 'n' }, message: 'm' }
    await stage.write(core, event, { method: 'POST', as: 'one' })
    const patching = { method: 'PATCH', type: 'application/merge-patch+json', as: 'two' }
    const newer = '/apis/events.k8s.io/v1/namespaces/n/events/e'
    const { managers } = await stage.write(newer, { metadata: { labels: { a: 'b' } } }, patching)
    expect(managers).toEqual(['two Update events.k8s.io/v1: .metadata.labels .metadata.labels.a'])
    await stage[Symbol.asyncDispose]()
  })

  it('owns defaults, for they are its own choice, and nothing that the server adds later', async () => {
    const story = await stage.begin()
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', uid: 'mine', generation: 7 },
      spec: { containers: [{ name: 'c', image: 'i' }] },
      status: { phase: 'Running' },
    }
    const { managers, object } = await story.create('pods', pod)
    // Tolerations are admission's, the status is the strategy's.
    expect(object).toMatchObject({ spec: { tolerations: [{}, {}] }, status: { phase: 'Pending' } })
    const container = '.spec.containers[name="c"]'
    expect(managers).toEqual([
      [
        'agent Update v1:',
        ...['dnsPolicy', 'enableServiceLinks', 'restartPolicy', 'schedulerName'],
        ...['securityContext', 'terminationGracePeriodSeconds'],
        container,
        ...['image', 'imagePullPolicy', 'name', 'resources', 'terminationMessagePath'].map(
          (name) => `${container}.${name}`,
        ),
        `${container}.terminationMessagePolicy`,
      ]
        .map((part) => (/^[a-z]\w+$/i.test(part) ? `.spec.${part}` : part))
        .join(' '),
    ])
  })

  it('owns nothing new when it says what is there', async () => {
    const story = await stage.begin()
    const { metadata } = await story.create('configmaps', configMap({ k: '1' }), { as: 'one' })
    const same = await story.write('configmaps/a', configMap({ k: '1' }), { as: 'two' })
    expect(same.metadata).toEqual(metadata)
  })

  it('through a subresource owns what that can change', async () => {
    const story = await stage.begin()
    const metadata = { name: 'n', labels: { a: 'b' } }
    const node = { apiVersion: 'v1', kind: 'Node', metadata }
    await story.create('/api/v1/nodes', node, { as: 'one' })
    const status = { nodeInfo: {}, phase: 'Running' }
    const body = { ...node, spec: { unschedulable: true }, status }
    const written = await story.write('/api/v1/nodes/n/status', body, { as: 'two' })
    const labels = 'one Update v1: .metadata.labels .metadata.labels.a'
    expect(written.managers).toEqual([labels, 'two/status Update v1: .status.phase'])
    const again = await story.write('/api/v1/nodes/n', body, { as: 'three' })
    expect(again.managers).toEqual([
      labels,
      'three Update v1: .spec.unschedulable',
      'two/status Update v1: .status.phase',
    ])
  })
})

describe('the time of an entry', () => {
  it('moves when its manager takes something, and not when it loses something', async () => {
    const story = await stage.begin()
    const begin = story.clock.now()
    const timesOf = ({ managedFields = [] }: ObjectMeta) =>
      managedFields.map(({ time = '' }) => Math.round((parseTime(time) - begin) / ONE_SECOND))
    await story.create('configmaps', configMap({ k: '1', l: '1' }), { as: 'one' })
    await story.clock.advance(ONE_SECOND)
    const second = await story.write('configmaps/a', configMap({ k: '2', l: '1' }), { as: 'two' })
    expect(timesOf(second.metadata)).toEqual([0, 1])
    await story.clock.advance(ONE_SECOND)
    // Now `one` wrote last, and stands last.
    const third = await story.write('configmaps/a', configMap({ k: '2', l: '3' }), { as: 'one' })
    expect(timesOf(third.metadata)).toEqual([1, 2])
    expect(third.managers).toEqual(['two Update v1: .data.k', 'one Update v1: .data .data.l'])
  })
})

describe('managers that a client sends along', () => {
  const entry = {
    manager: 'sent',
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:k': {}, 'f:gone': {} } },
  }

  it('take the place of those that are stored', async () => {
    const story = await stage.begin()
    await story.create('configmaps', configMap({ k: '1' }), { as: 'one' })
    const body = configMap({ k: '1' }, { managedFields: [entry] })
    const { managers } = await story.write('configmaps/a', body, { as: 'two' })
    expect(managers).toEqual(['sent Update v1: .data.gone .data.k'])
  })

  it.each([
    { about: 'an operation that is none', bad: { ...entry, operation: 'Delete' } },
    { about: 'no version', bad: { ...entry, apiVersion: '' } },
    { about: 'another type of fields', bad: { ...entry, fieldsType: 'FieldsV2' } },
    { about: 'fields that are none', bad: { ...entry, fieldsV1: { 'x-k': {} } } },
  ])('are passed over with $about', async ({ bad }) => {
    const story = await stage.begin()
    await story.create('configmaps', configMap({ k: '1' }), { as: 'one' })
    const body = configMap({ k: '1' }, { managedFields: [bad] })
    const { managers } = await story.write('configmaps/a', body, { as: 'two' })
    expect(managers).toEqual(['one Update v1: .data .data.k'])
  })

  it('may not have names that nobody can read', async () => {
    const story = await stage.begin()
    await story.create('configmaps', configMap({ k: '1' }), { as: 'one' })
    const body = configMap({ k: '1' }, { managedFields: [{ ...entry, manager: 'a\u0001' }] })
    const { message } = await story.write('configmaps/a', body)
    expect(message).toBe(
      'ConfigMap "a" is invalid: metadata.managedFields[0].manager: Invalid value: "a\\x01": invalid character U+0001 (at position 1)',
    )
  })

  it('do not count through a subresource', async () => {
    const story = await stage.begin()
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'm', labels: { a: 'b' } } }
    const { metadata } = await story.create('/api/v1/nodes', node, { as: 'one' })
    const body = { ...node, metadata: { ...node.metadata, managedFields: [] } }
    const written = await story.write('/api/v1/nodes/m/status', body)
    expect(written.managers).toEqual(managersOf(metadata))
  })

  it.each([
    { list: [], how: {} },
    { list: [{}], how: {} },
    { list: [], how: MERGE },
    { list: [{}], how: MERGE },
  ])('are forgotten by $list, until somebody applies', async ({ list, how }) => {
    const story = await stage.begin()
    await story.create('configmaps', configMap({ k: '1' }), { as: 'one' })
    const body = configMap({ k: '1' }, { managedFields: list })
    expect((await story.write('configmaps/a', body, how)).managers).toEqual([])
    const updated = await story.write('configmaps/a', configMap({ k: '2' }), { as: 'two' })
    expect(updated.managers).toEqual([])
    const applied = await story.apply('configmaps/a', configMap({ l: '1' }), { as: 'three' })
    expect(applied.managers).toEqual([
      'three Apply v1: .data.l',
      'before-first-apply Update v1: .data .data.k',
    ])
  })
})

it('an object in which nobody owned anything from the beginning is not watched over', async () => {
  const story = await stage.begin()
  await story.create('configmaps', configMap({}))
  expect((await story.write('configmaps/a', configMap({ k: '1' }))).managers).toEqual([])
})

it('the eleventh updater makes the two oldest one', async () => {
  const story = await stage.begin()
  await story.create('configmaps', configMap({ k: '1' }), { as: 'creator' })
  let data: Record<string, string> = { k: '1' }
  for (let i = 0; i <= 10; i++) {
    await story.clock.advance(ONE_SECOND)
    data = { ...data, [`k${i}`]: '1' }
    await story.write('configmaps/a', configMap(data), { as: `m${i}` })
  }
  const { managers } = await story.write('configmaps/a', configMap(data))
  expect(managers).toHaveLength(10)
  expect(managers.slice(0, 2)).toEqual([
    'ancient-changes Update v1: .data .data.k .data.k0 .data.k1',
    'm2 Update v1: .data.k2',
  ])
})

it('who scales owns the replicas, at no time', async () => {
  const story = await stage.begin()
  const path = '/apis/apps/v1/namespaces/{ns}/deployments'
  const labels = { app: 'd' }
  const spec = {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec }
  await story.create(path, deployment, { as: 'one' })
  const scale = { spec: { replicas: 3 } }
  await story.write(`${path}/d/scale`, scale, { ...MERGE, as: 'two' })
  const { metadata } = await story.write(`${path}/d`, {}, MERGE)
  const [first, last] = metadata.managedFields ?? []
  expect(first).toEqual({
    manager: 'two',
    operation: 'Update',
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    subresource: 'scale',
  })
  expect(last).toMatchObject({ manager: 'one' })
  expect(last?.fieldsV1).not.toHaveProperty(['f:spec', 'f:replicas'])
})

it('each owner stands once', async () => {
  const story = await stage.begin()
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
  const body = configMap({}, { ownerReferences: [owner, owner, { ...owner, uid: 'v' }] })
  const { metadata } = await story.create('configmaps', body)
  expect(metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['u', 'v'])
})

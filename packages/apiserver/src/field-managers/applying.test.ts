import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, MERGE, Stage } from './story.fixture.js'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('applying', () => {
  it('creates, changes, and takes away what is applied no more', async () => {
    const story = await stage.begin()
    const created = await story.apply('configmaps/a', configMap({ k: '1', l: '1' }), { as: 'one' })
    expect(created).toMatchObject({ code: 201, managers: ['one Apply v1: .data.k .data.l'] })
    const changed = await story.apply('configmaps/a', configMap({ k: '2' }), { as: 'one' })
    expect(changed).toMatchObject({ code: 200, managers: ['one Apply v1: .data.k'] })
    expect(changed.object.data).toEqual({ k: '2' })
  })

  it('twice is applying once', async () => {
    const story = await stage.begin()
    const first = await story.apply('configmaps/a', configMap({ k: '1' }), { as: 'one' })
    await story.clock.advance(60_000)
    const again = await story.apply('configmaps/a', configMap({ k: '1' }), { as: 'one' })
    expect(again.object).toEqual(first.object)
  })

  it('the same as another shares it, and it stays until the last one leaves', async () => {
    const story = await stage.begin()
    await story.apply('configmaps/a', configMap({ k: '1' }), { as: 'one' })
    const shared = await story.apply('configmaps/a', configMap({ k: '1' }), { as: 'two' })
    // Who changed nothing has no time, and so stands first.
    expect(shared.managers).toEqual(['two Apply v1: .data.k', 'one Apply v1: .data.k'])
    const left = await story.apply('configmaps/a', configMap({}), { as: 'one' })
    expect(left.object.data).toEqual({ k: '1' })
    const gone = await story.apply('configmaps/a', configMap({}), { as: 'two' })
    expect(gone.object.data).toBeUndefined()
  })

  it("against others needs force, and then they don't own it any more", async () => {
    const story = await stage.begin()
    await story.apply('configmaps/a', configMap({ k: '1', l: '1' }), { as: 'one' })
    await story.write('configmaps/a', { data: { m: '1' } }, { ...MERGE, as: 'two' })
    const mine = configMap({ k: '2', l: '2', m: '2' })
    const refused = await story.apply('configmaps/a', mine, { as: 'three' })
    expect(refused).toMatchObject({
      code: 409,
      message: [
        'Apply failed with 3 conflicts: conflicts with "one":',
        '- .data.k',
        '- .data.l',
        'conflicts with "two" using v1:',
        '- .data.m',
      ].join('\n'),
    })
    expect(refused.object.details).toEqual({
      causes: [
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.k' },
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.l' },
        {
          reason: 'FieldManagerConflict',
          message: 'conflict with "two" using v1',
          field: '.data.m',
        },
      ],
    })
    const forced = await story.apply('configmaps/a', mine, { as: 'three', query: 'force=true' })
    expect(forced.managers).toEqual(['three Apply v1: .data.k .data.l .data.m'])
  })

  it.each([
    {
      body: { ...configMap({}), kind: 'Secret' },
      message: 'invalid object type: /v1, Kind=Secret',
    },
    { body: { apiVersion: 'a/b/c' }, message: 'invalid object type: /, Kind=' },
    {
      body: configMap({}, { managedFields: [] }),
      message: 'metadata.managedFields must be nil',
    },
    {
      body: configMap({}, { name: 'b' }),
      message: 'the name of the object (b) does not match the name on the URL (a)',
    },
    {
      body: configMap({ k: 5 as unknown as string }),
      message:
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .data.k: expected string, got &value.valueUnstructured{Value:5}',
    },
    {
      body: { ...configMap({}), dota: {} },
      message:
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .dota: field not declared in schema',
    },
  ])('answers $message', async ({ body, message }) => {
    const story = await stage.begin()
    expect((await story.apply('configmaps/a', body, { as: 'one' })).message).toBe(message)
  })

  it('an object that has become another one is refused', async () => {
    const story = await stage.begin()
    const uid = '00000000-0000-0000-0000-000000000001'
    const { code, message } = await story.apply('configmaps/a', configMap({}, { uid }), { as: 'o' })
    expect(code).toBe(409)
    expect(message).toBe(
      `Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  })
})

describe('kubectl that goes over from client-side apply', () => {
  const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'
  const lastApplied = (data: Record<string, string>) =>
    configMap(data, { annotations: { [ANNOTATION]: JSON.stringify(configMap(data)) } })

  it('takes over what it had set, and keeps the annotation as it was kept', async () => {
    const story = await stage.begin()
    const before = lastApplied({ k: '1' })
    await story.create('configmaps', before, { as: 'kubectl-client-side-apply' })
    const after = await story.apply('configmaps/a', configMap({ k: '2' }), { as: 'kubectl' })
    expect(after.managers[0]).toBe('kubectl Apply v1: .data.k')
    expect(JSON.parse(after.metadata.annotations?.[ANNOTATION] ?? '')).toEqual(
      configMap({ k: '2' }),
    )
  })

  it('does not take what somebody else changed since', async () => {
    const story = await stage.begin()
    await story.create('configmaps', lastApplied({ k: '1', l: '1' }), { as: 'csa' })
    await story.write('configmaps/a', { data: { k: '7' } }, { ...MERGE, as: 'other' })
    const mine = configMap({ k: '2', l: '2' })
    const { message } = await story.apply('configmaps/a', mine, { as: 'kubectl' })
    expect(message).toBe('Apply failed with 1 conflict: conflict with "other" using v1: .data.k')
  })

  it('is alone in that', async () => {
    const story = await stage.begin()
    await story.create('configmaps', lastApplied({ k: '1' }), { as: 'csa' })
    const { code } = await story.apply('configmaps/a', configMap({ k: '2' }), { as: 'flux' })
    expect(code).toBe(409)
  })
})

it('a kind of two versions is owned in the version in which it was written', async () => {
  const story = await stage.begin()
  const path = (version: string) =>
    `/apis/autoscaling/${version}/namespaces/{ns}/horizontalpodautoscalers`
  const scaler = (version: string, spec: object) => ({
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h' },
    spec: { scaleTargetRef: { kind: 'Pool', name: 'p', apiVersion: 'x.io/v1' }, ...spec },
  })
  await story.apply(`${path('v1')}/h`, scaler('v1', { maxReplicas: 3 }), { as: 'one' })
  const refused = await story.apply(`${path('v2')}/h`, scaler('v2', { maxReplicas: 5 }), {
    as: 'two',
  })
  expect(refused.message).toBe(
    'Apply failed with 1 conflict: conflict with "one": .spec.maxReplicas',
  )
  const changed = await story.write(`${path('v2')}/h`, { spec: { maxReplicas: 4 } }, MERGE)
  expect(changed.managers).toEqual([
    'one Apply autoscaling/v1: .spec.scaleTargetRef',
    'agent Update autoscaling/v2: .spec.maxReplicas',
  ])
})

it('the replicas are applied through the Scale, too', async () => {
  const story = await stage.begin()
  const path = '/apis/apps/v1/namespaces/{ns}/deployments/d'
  const labels = { app: 'd' }
  const deployment = (spec: object) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      ...spec,
    },
  })
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'd' },
    spec: { replicas: 3 },
  }
  await story.apply(path, deployment({ replicas: 1 }), { as: 'one' })
  const refused = await story.apply(`${path}/scale`, scale, { as: 'two' })
  expect(refused.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.replicas')
  await story.apply(`${path}/scale`, scale, { as: 'two', query: 'force=true' })
  // Who leaves the number to others does not change it.
  const { object, managers } = await story.apply(path, deployment({}), { as: 'one' })
  expect(object.spec).toMatchObject({ replicas: 3 })
  expect(managers).toContain('two/scale Apply apps/v1: .spec.replicas')
  expect(managers.join()).not.toMatch(/one.*replicas/)
})

describe('a key that stands twice in a configuration', () => {
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: "1"\n  k: "2"\n'
  const problem =
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "k" already set in map'

  it('is refused where the client is strict', async () => {
    const story = await stage.begin()
    const { message } = await story.apply('configmaps/a', yaml, {
      as: 'one',
      query: 'fieldValidation=Strict',
    })
    expect(message).toBe(`error strict decoding YAML: ${problem}`)
  })

  it('is warned of otherwise, and the last one counts', async () => {
    const story = await stage.begin()
    const { object, warnings } = await story.apply('configmaps/a', yaml, { as: 'one' })
    expect(object.data).toEqual({ k: '2' })
    expect(warnings).toEqual([expect.stringContaining('already set in map')])
  })
})

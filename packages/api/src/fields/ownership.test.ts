import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { ApplyConflict, applyOwnership } from './apply-ownership.js'
import { FieldSet } from './field-set.js'
import type { ManagedSets, Versions } from './managed-sets.js'
import { formatPath } from './path-element.js'
import { updateOwnership } from './update-ownership.js'

type JsonObject = Record<string, unknown>

const oneVersion = (schema: StructSchema): Versions => ({
  schemaOf: (apiVersion) => (apiVersion === 'v1' ? schema : undefined),
  convert: (object) => object,
})

/** An object and its managers, written to in turns. */
class Story {
  object: JsonObject | undefined
  managers: ManagedSets = new Map()
  readonly #versions: Versions
  readonly #ignored = FieldSet.fromFieldsV1({ 'f:metadata': { 'f:name': {} }, 'f:status': {} })

  constructor(schema: StructSchema, versions = oneVersion(schema)) {
    this.#versions = versions
  }

  update(manager: string, after: JsonObject, apiVersion = 'v1'): this {
    const { managers } = updateOwnership({
      before: this.object,
      after,
      apiVersion,
      managers: this.managers,
      manager,
      versions: this.#versions,
      ignored: this.#ignored,
    })
    this.object = after
    this.managers = managers
    return this
  }

  apply(manager: string, config: JsonObject, { force = false, apiVersion = 'v1' } = {}): this {
    const { object, managers } = applyOwnership({
      live: this.object ?? {},
      config,
      apiVersion,
      managers: this.managers,
      manager,
      force,
      versions: this.#versions,
      ignored: this.#ignored,
    })
    this.object = object ?? this.object ?? {}
    this.managers = managers
    return this
  }

  conflicts(manager: string, config: JsonObject): string[] {
    try {
      this.apply(manager, config)
    } catch (error) {
      if (!(error instanceof ApplyConflict)) throw error
      return error.conflicts.map(({ manager, path }) => `${manager}: ${formatPath(path)}`)
    }
    return []
  }

  get owners(): Record<string, unknown> {
    const owned = [...this.managers].map(([name, { fields }]) => [name, fields.toFieldsV1()])
    return Object.fromEntries(owned)
  }
}

const configMap = () => new Story(namedSchema('core.v1.ConfigMap'))
const pod = () => new Story(namedSchema('core.v1.Pod'))
const data = (entries: Record<string, string>) => ({ data: entries })
const containers = (...items: JsonObject[]) => ({ spec: { containers: items } })

describe('update', () => {
  test('a creator owns what it set, with the maps that came with it', () => {
    expect(configMap().update('one', data({ a: '1' })).owners).toEqual({
      one: { 'f:data': { '.': {}, 'f:a': {} } },
    })
  })

  test('who changes a field takes it; who owns nothing more is gone', () => {
    const story = configMap()
      .update('one', data({ a: '1', b: '1' }))
      .update('two', data({ a: '2', b: '1' }))
    expect(story.owners).toEqual({
      one: { 'f:data': { '.': {}, 'f:b': {} } },
      two: { 'f:data': { 'f:a': {} } },
    })
    expect(story.update('one', {}).owners).toEqual({})
  })

  test('to write what is there takes nothing, and changes no entry', () => {
    const story = configMap().update('one', data({ a: '1' }))
    const { managers } = story
    expect(story.update('two', data({ a: '1' })).managers).toBe(managers)
  })

  test('an entry that keeps its fields is the same entry', () => {
    const story = configMap().update('one', data({ a: '1' }))
    const one = story.managers.get('one')
    expect(story.update('two', data({ a: '1', b: '1' })).managers.get('one')).toBe(one)
  })

  test('who doubles an item owns it as such, and who undoubles it what is in it', () => {
    const story = pod().update('one', containers({ name: 'a', image: 'i' }))
    const owned = (fields: JsonObject) => ({
      'f:spec': { 'f:containers': { 'k:{"name":"a"}': fields } },
    })
    story.update('two', containers({ name: 'a', image: 'i' }, { name: 'a' }))
    expect(story.owners).toMatchObject({ two: owned({}) })
    story.update('three', containers({ name: 'a', image: 'i' }))
    expect(story.owners).toMatchObject({ three: owned({ '.': {}, 'f:name': {}, 'f:image': {} }) })
  })

  test('what is ignored is nobody’s', () => {
    const object = { metadata: { name: 'a', labels: { a: 'b' } }, status: { phase: 'Running' } }
    expect(pod().update('one', object).owners).toEqual({
      one: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } },
    })
  })

  test('managers of versions that are served no more are forgotten', () => {
    const story = configMap().update('one', data({ a: '1' }))
    const one = story.managers.get('one') as NonNullable<ReturnType<ManagedSets['get']>>
    story.managers = new Map([['old', { ...one, apiVersion: 'v0' }]])
    expect(Object.keys(story.update('two', data({ a: '1', b: '1' })).owners)).toEqual(['two'])
  })
})

describe('apply', () => {
  test('an applier owns its leaves, and what it applies no more is gone', () => {
    const story = configMap().apply('one', data({ a: '1', b: '1' }))
    expect(story.owners).toEqual({ one: { 'f:data': { 'f:a': {}, 'f:b': {} } } })
    story.apply('one', data({ b: '1' }))
    expect(story.object).toEqual(data({ b: '1' }))
    expect(story.owners).toEqual({ one: { 'f:data': { 'f:b': {} } } })
    story.apply('one', {})
    expect(story.object).toEqual({})
    expect(story.owners).toEqual({})
  })

  test('two may own one value; it goes with the last of them', () => {
    const story = configMap()
      .apply('one', data({ a: '1' }))
      .apply('two', data({ a: '1' }))
    expect(story.apply('one', {}).object).toEqual(data({ a: '1' }))
    expect(story.apply('two', {}).object).toEqual({})
  })

  test('conflicts are with all who own what would change, by manager and path', () => {
    const story = configMap()
      .apply('two', { data: { c: '1' }, metadata: { labels: { x: '1' } } })
      .apply('one', data({ b: '1', a: '1' }))
      .update('three', {
        data: { a: '1', b: '1', c: '1', d: '1' },
        metadata: { labels: { x: '1' } },
      })
    const config = {
      metadata: { labels: { x: '2' } },
      data: { d: '2', c: '2', b: '2', a: '2', e: '2' },
    }
    expect(story.conflicts('four', config)).toEqual([
      'one: .data.a',
      'one: .data.b',
      'three: .data.d',
      'two: .data.c',
      'two: .metadata.labels.x',
    ])
    expect(story.conflicts('four', data({ e: '1', a: '1' }))).toEqual([])
  })

  test('force takes what others own', () => {
    const story = configMap()
      .apply('one', data({ a: '1', b: '1' }))
      .apply('two', data({ a: '2' }), { force: true })
    expect(story.object).toEqual(data({ a: '2', b: '1' }))
    expect(story.owners).toEqual({
      one: { 'f:data': { 'f:b': {} } },
      two: { 'f:data': { 'f:a': {} } },
    })
  })

  test('an item goes with its applier, but not what others own in it', () => {
    const story = pod()
      .apply('one', containers({ name: 'a', image: 'i' }, { name: 'b', image: 'j' }))
      .apply('two', containers({ name: 'b', tty: true }))
      .apply('one', containers({ name: 'a', image: 'i' }))
    expect(story.object).toEqual(containers({ name: 'a', image: 'i' }, { name: 'b', tty: true }))
    expect(story.apply('two', {}).object).toEqual(containers({ name: 'a', image: 'i' }))
  })

  test('defaults in an item go with it: they are nobody’s', () => {
    const story = pod().apply('one', containers({ name: 'a' }, { name: 'b' }))
    story.object = containers(
      { name: 'a', imagePullPolicy: 'Always' },
      { name: 'b', imagePullPolicy: 'Always' },
    )
    expect(story.apply('one', containers({ name: 'b' })).object).toEqual(
      containers({ name: 'b', imagePullPolicy: 'Always' }),
    )
  })

  test('only who owns the item itself keeps it', () => {
    const story = pod().apply('one', containers({ name: 'a', image: 'i' }))
    story.update('two', containers({ name: 'a', image: 'i', tty: true }))
    expect(story.apply('one', {}).object).toEqual({ spec: { containers: null } })
    expect(story.owners).toEqual({})
  })

  test('an updater’s field stays in what its applier gives up', () => {
    const story = pod().apply('one', { spec: { hostname: 'h', securityContext: { runAsUser: 1 } } })
    story.update('two', {
      spec: { hostname: 'h', securityContext: { runAsUser: 1, runAsGroup: 1 } },
    })
    expect(story.apply('one', {}).object).toEqual({ spec: { securityContext: { runAsGroup: 1 } } })
    expect(story.owners).toEqual({
      two: { 'f:spec': { 'f:securityContext': { 'f:runAsGroup': {} } } },
    })
  })

  test('to apply the same again changes nothing', () => {
    const story = pod().apply('one', containers({ name: 'a', image: 'i' }))
    const { object, managers } = story
    const one = managers.get('one')
    story.apply('one', containers({ name: 'a', image: 'i' }))
    expect(story.object).toBe(object)
    expect(story.managers.get('one')).toBe(one)
  })
})

describe('sets that were written under another schema', () => {
  const owning = (fields: JsonObject, isApplied = false): ManagedSets =>
    new Map([['one', { apiVersion: 'v1', isApplied, fields: FieldSet.fromFieldsV1(fields) }]])

  test('what became atomic is owned as a whole', () => {
    const story = pod().update('two', { spec: { nodeSelector: { a: '1', b: '1' } } })
    story.managers = owning({ 'f:spec': { 'f:nodeSelector': { 'f:a': {} } } })
    expect(
      story.update('two', { spec: { nodeSelector: { a: '1', b: '1' }, hostname: 'h' } }).owners,
    ).toEqual({
      one: { 'f:spec': { 'f:nodeSelector': {} } },
      two: { 'f:spec': { 'f:hostname': {} } },
    })
  })

  test('who owns a map and nothing in it does not come to own its entries', () => {
    const story = configMap()
      .apply('one', { data: {} })
      .apply('two', data({ a: '1', b: '1' }))
    expect(story.apply('two', data({ b: '1' })).object).toEqual(data({ b: '1' }))
    expect(story.owners).toEqual({ one: { 'f:data': {} }, two: { 'f:data': { 'f:b': {} } } })
  })
})

describe('several versions', () => {
  // v2 calls `data` of v1 `binaryData`.
  const schema = namedSchema('core.v1.ConfigMap')
  const versions: Versions = {
    schemaOf: (apiVersion) => (apiVersion === 'v0' ? undefined : schema),
    convert: ({ apiVersion: from, data, binaryData }, apiVersion) => {
      const entries = from === 'v1' ? data : binaryData
      if (entries === undefined) return { apiVersion }
      return apiVersion === 'v1'
        ? { apiVersion, data: entries }
        : { apiVersion, binaryData: entries }
    },
  }
  const v1 = (entries: JsonObject) => ({ apiVersion: 'v1', data: entries })
  const v2 = (entries: JsonObject) => ({ apiVersion: 'v2', binaryData: entries })

  test('a change is told to each manager in its own version', () => {
    const story = new Story(schema, versions).update('one', v1({ a: '1', b: '1' }))
    story.object = v2({ a: '1', b: '1' })
    story.update('two', v2({ a: '2', b: '1' }), 'v2')
    expect(story.owners).toEqual({
      one: { 'f:apiVersion': {}, 'f:data': { '.': {}, 'f:b': {} } },
      two: { 'f:binaryData': { 'f:a': {} } },
    })
  })

  test('what was applied in another version is removed in this one', () => {
    const story = new Story(schema, versions).apply('one', v1({ a: '1', b: '1' }))
    story.object = v2({ a: '1', b: '1' })
    story.apply('one', v2({ b: '1' }), { apiVersion: 'v2' })
    expect(story.object).toEqual(v2({ b: '1' }))
  })
})

import { type KubeObject, ManualClock } from '@miniplane/api'
import { expect, it } from 'vitest'
import { table } from '../registry/columns/column.js'
import type { Resource } from '../registry/resource.js'
import { unstored } from '../storage/unstored.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import type { Representation } from './accept.js'
import { watchViews } from './watch-view.js'

const clock = new ManualClock()
const columns = table<KubeObject>([
  {
    definition: { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
    cell: ({ metadata }, nowMs) => `${metadata.name} at ${nowMs}`,
  },
])
const resource = { strategy: { table: columns } } as unknown as Resource
const event = (name: string) =>
  new EncodedEvent('ADDED', unstored({ kind: 'A', apiVersion: 'v1', metadata: { name } }))

const views = (kind: 'Table' | 'PartialObjectMetadata') => {
  const representation: Representation = {
    format: 'json',
    as: { kind, version: 'v1' },
    isPretty: false,
  }
  const begin = watchViews(resource, representation, 'None', clock)
  if (!begin) throw new Error('no views')
  return begin
}

interface TableJson {
  readonly columnDefinitions: unknown
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[]
}

it('watches of the same kind see the same bytes of an event', () => {
  const begin = views('PartialObjectMetadata')
  const [first, second] = [begin(), begin()]
  const one = event('a')
  expect(second(one).bytes()).toBe(first(one).bytes())
  expect(JSON.parse(Buffer.from(first(one).bytes()).toString())).toEqual({
    type: 'ADDED',
    object: {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'a' },
    },
  })
})

it('only the first Table of a watch says what its columns are', () => {
  const begin = views('Table')
  const [first, late] = [begin(), begin()]
  const shown = [first(event('a')), first(event('b'))].map(
    ({ object }) => (object as unknown as TableJson).columnDefinitions,
  )
  expect(shown).toEqual([columns.columns, null])
  const one = event('c')
  expect((late(one).object as unknown as TableJson).columnDefinitions).toEqual(columns.columns)
  expect((first(one).object as unknown as TableJson).columnDefinitions).toBe(null)
})

it('a bookmark is a row like any other; the one behind what there was at first keeps its mark', () => {
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  const bookmark = (metadata: object) =>
    new EncodedEvent('BOOKMARK', unstored({ kind: 'A', apiVersion: 'v1', metadata }))
  const view = views('Table')()
  const objects = [{ resourceVersion: '5' }, { resourceVersion: '6', annotations }].map(
    (metadata) => (view(bookmark(metadata)).object as unknown as TableJson).rows[0]?.object,
  )
  expect(objects).toEqual([
    null,
    {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '6', annotations },
    },
  ])
})

it('a Table is made again in another second, because ages are in it', () => {
  const begin = views('Table')
  const one = event('a')
  const cells = () => (begin()(one).object as unknown as TableJson).rows[0]?.cells
  const before = cells()
  expect(cells()).toBe(before)
  clock.advance(1000)
  expect(cells()).not.toEqual(before)
})

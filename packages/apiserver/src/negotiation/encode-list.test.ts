import type { KubeObject } from '@miniplane/api'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ObjectCodec } from '../storage/codec.js'
import { ObjectIndex } from '../watch-cache/object-index.js'
import { encodeList, encodeListParts } from './encode-list.js'

const codec = new ObjectCodec()
const configMap = (name: string, revision: number) => {
  const object: KubeObject = {
    ...{ kind: 'ConfigMap', apiVersion: 'v1' },
    metadata: { name, namespace: 'a', uid: `uid-${name}`, creationTimestamp: null },
    data: { at: String(revision) },
  }
  return codec.decode({ key: name, value: codec.encode(object), modRevision: revision })
}
const names = Array.from({ length: 400 }, (_, i) => `object-${i}`)

const write = fc.record({
  name: fc.constantFrom(...names),
  isDeletion: fc.boolean(),
})

it('lists in pieces what it lists in one, whatever was written in between', () => {
  fc.assert(
    fc.property(fc.array(fc.array(write, { maxLength: 100 }), { maxLength: 8 }), (rounds) => {
      const index = new ObjectIndex()
      const model = new Map<string, number>()
      let revision = 0
      for (const name of names.slice(0, 300)) {
        index.set('a', name, configMap(name, ++revision))
        model.set(name, revision)
      }
      for (const writes of rounds) {
        const before = index.objects('a')
        const names = before.map(({ object }) => object.metadata.name)
        for (const { name, isDeletion } of writes) {
          revision++
          if (isDeletion) index.delete('a', name)
          else index.set('a', name, configMap(name, revision))
          if (isDeletion) model.delete(name)
          else model.set(name, revision)
        }
        // Whoever holds a list has what it was then.
        expect(before.map(({ object }) => object.metadata.name)).toEqual(names)
        const items = index.objects('a')
        expect(items.map(({ key, revision }) => [key, revision])).toEqual(
          [...model].sort(([a], [b]) => (a < b ? -1 : 1)),
        )
        const metadata = { resourceVersion: String(revision) }
        const parts = encodeListParts('ConfigMapList', 'v1', metadata, items)
        const whole = encodeList('ConfigMapList', 'v1', metadata, items)
        expect(Buffer.concat(parts).equals(whole)).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})

it('keeps the pieces that no write has touched', () => {
  const index = new ObjectIndex()
  for (const name of names) index.set('a', name, configMap(name, 1))
  const parts = () => encodeListParts('ConfigMapList', 'v1', {}, index.objects('a'))
  const before = new Set(parts().slice(2, -1))
  index.set('a', 'object-200', configMap('object-200', 2))
  const changed = parts()
    .slice(2, -1)
    .filter((part) => !before.has(part))
  expect(before.size).toBeGreaterThan(3)
  // The one that holds it, and short ones, which are never kept.
  expect(changed.length).toBeLessThanOrEqual(2)
})

it('begins a page at a key, which need not be there', () => {
  const index = new ObjectIndex()
  for (const key of ['a-b/x', 'a/x', 'a/y', 'b/w']) {
    const [namespace = '', name = ''] = key.split('/')
    index.set(namespace, name, configMap(name, 1))
  }
  const from = (key: string) => index.objects(undefined, key).map(({ key }) => key)
  expect(from('a/x')).toEqual(['x', 'y', 'w'])
  expect(from('a/x\0')).toEqual(['y', 'w'])
  expect(from('a/xx')).toEqual(['y', 'w'])
  expect(from('a-b/x\0')).toEqual(['x', 'y', 'w'])
  expect(from('b')).toEqual(['w'])
  expect(from('b/w\0')).toEqual([])
})

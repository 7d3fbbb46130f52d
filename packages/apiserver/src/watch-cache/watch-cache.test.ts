import { type EncodedWatchEvent, type KubeObject, ManualClock } from '@miniplane/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { silentLog } from '../log.js'
import { ObjectCodec } from '../storage/codec.js'
import { unstored } from '../storage/unstored.js'
import { EncodedEvent } from './cache-event.js'
import { type CacheChange, WatchCache, type WatchRequest } from './watch-cache.js'

const codec = new ObjectCodec()

function change(
  revision: number,
  namespace: string,
  name: string,
  labels?: Record<string, string>,
): CacheChange {
  if (!labels) return { namespace, name, revision }
  const object: KubeObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace, uid: `${namespace}-${name}`, labels },
  }
  const value = codec.encode(object)
  const key = `/registry/configmaps/${namespace}/${name}`
  return { namespace, name, revision, current: codec.decode({ key, value, modRevision: revision }) }
}

function newCache(
  clock = new ManualClock(),
  eventsMax = 100,
  bytesMax = limits.watchCacheBytesMax,
): WatchCache {
  const cache = new WatchCache({
    clock,
    log: silentLog,
    limits: { ...limits, watchCacheEventsMax: eventsMax, watchCacheBytesMax: bytesMax },
    bookmark(revision, annotations) {
      const object = {
        kind: 'ConfigMap',
        metadata: { resourceVersion: String(revision), ...(annotations && { annotations }) },
      }
      return new EncodedEvent('BOOKMARK', unstored(object))
    },
  })
  cache.load([], 1)
  return cache
}

function collect(cache: WatchCache, request: Partial<WatchRequest>): EncodedWatchEvent[] {
  const events: EncodedWatchEvent[] = []
  cache.watch(
    { scope: {}, wantsBookmarks: false, marksInitialEnd: false, ...request },
    { onEvents: (batch) => events.push(...batch), onEnd() {} },
  )
  return events
}

const shown = (events: readonly EncodedWatchEvent[]) =>
  events.map(
    ({ type, object }) => `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`,
  )

describe('WatchCache', () => {
  it('shows a selector what comes in and goes out as added and deleted, at the version of the change', () => {
    const cache = newCache()
    const matches = ({ metadata }: KubeObject) => metadata.labels?.x === 'in'
    const events = collect(cache, { fromRevision: 1, scope: { matches } })
    cache.apply([change(2, 'a', 'one', { x: 'out' })], 2)
    cache.apply([change(3, 'a', 'one', { x: 'in' })], 3)
    cache.apply([change(4, 'a', 'one', { x: 'in', y: '1' })], 4)
    cache.apply([change(5, 'a', 'one', { x: 'out' })], 5)
    cache.apply([change(6, 'a', 'one')], 6)
    expect(shown(events)).toEqual(['ADDED one 3', 'MODIFIED one 4', 'DELETED one 5'])
    expect(events[2]?.object.metadata.labels).toEqual({ x: 'in', y: '1' })
  })

  it.each([
    ['few', 3, Number.POSITIVE_INFINITY],
    ['small', 100, 350],
  ])('remembers changes as long as they are %s', (_bound, eventsMax, bytesMax) => {
    const cache = newCache(new ManualClock(), eventsMax, bytesMax)
    for (let revision = 2; revision <= 21; revision++) {
      cache.apply([change(revision, 'a', 'one', { x: String(revision) })], revision)
    }
    const rest = shown(collect(cache, { fromRevision: 18 }))
    expect(rest).toEqual(['MODIFIED one 19', 'MODIFIED one 20', 'MODIFIED one 21'])
    const [event, ...others] = collect(cache, { fromRevision: 17 })
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410 } })
    expect(others).toEqual([])
  })

  it('remembers the last change, however large it is', () => {
    const cache = newCache(new ManualClock(), 100, 1)
    cache.apply([change(2, 'a', 'one', {}), change(3, 'a', 'two', {})], 3)
    expect(shown(collect(cache, { fromRevision: 2 }))).toEqual(['ADDED two 3'])
  })

  it('hands every watcher the same bytes', () => {
    const cache = newCache()
    const [first, second] = [
      collect(cache, { fromRevision: 1 }),
      collect(cache, { fromRevision: 1 }),
    ]
    cache.apply([change(2, 'a', 'one', {})], 2)
    expect(first[0]?.bytes()).toBe(second[0]?.bytes())
    expect(JSON.parse(Buffer.from(first[0]?.bytes() ?? []).toString())).toEqual({
      type: 'ADDED',
      object: first[0]?.object,
    })
  })

  it('ends a watch that begins before its memory with an ERROR that says so', () => {
    const cache = newCache(new ManualClock(), 2)
    for (let revision = 2; revision < 8; revision++)
      cache.apply([change(revision, 'a', `n${revision}`, {})], revision)
    const [event] = collect(cache, { fromRevision: 2 })
    expect(event?.type).toBe('ERROR')
    expect(event?.object).toMatchObject({ reason: 'Expired', code: 410 })
  })

  it('marks the end of what there was, and sends bookmarks once a minute', () => {
    const clock = new ManualClock()
    const cache = newCache(clock)
    cache.apply([change(2, 'a', 'one', {})], 2)
    const events = collect(cache, { wantsBookmarks: true, marksInitialEnd: true })
    expect(shown(events)).toEqual(['ADDED one 2', 'BOOKMARK undefined 2'])
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    cache.progress(9)
    clock.advance(60_000)
    expect(shown(events).at(-1)).toBe('BOOKMARK undefined 9')
  })

  it('takes a watch away from a sink that throws, and tells the others', () => {
    const cache = newCache()
    cache.watch(
      { scope: {}, fromRevision: 1, wantsBookmarks: false, marksInitialEnd: false },
      {
        onEvents() {
          throw new Error('broken')
        },
        onEnd() {},
      },
    )
    const events = collect(cache, { fromRevision: 1 })
    cache.apply([change(2, 'a', 'one', {})], 2)
    expect(shown(events)).toEqual(['ADDED one 2'])
    expect(cache.watcherCount).toBe(1)
  })

  it('watch = list: replaying the events of any scope from any revision gives the list at the end', () => {
    const step = fc.record({
      namespace: fc.constantFrom('a', 'a-b', 'c'),
      name: fc.constantFrom('x', 'y', 'z'),
      label: fc.option(fc.constantFrom('in', 'out')),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.nat(40),
        fc.constantFrom('a', 'c', undefined),
        (steps, at, namespace) => {
          const cache = newCache()
          const scope = {
            namespace,
            matches: ({ metadata }: KubeObject) => metadata.labels?.l === 'in',
          }
          let revision = 1
          const state = new Map<string, string>()
          let events: EncodedWatchEvent[] = []
          for (const [i, { namespace, name, label }] of steps.entries()) {
            if (i === Math.min(at, steps.length - 1)) events = collect(cache, { scope })
            revision++
            cache.apply(
              [change(revision, namespace, name, label ? { l: label } : undefined)],
              revision,
            )
          }
          if (steps.length === 0) events = collect(cache, { scope })
          for (const { type, object } of events) {
            const key = `${object.metadata.namespace}/${object.metadata.name}`
            if (type === 'DELETED') state.delete(key)
            else state.set(key, object.metadata.resourceVersion ?? '')
          }
          const listed = [...cache.list(namespace)].filter(({ object }) => scope.matches(object))
          expect([...state].sort()).toEqual(
            listed
              .map(({ object: { metadata } }) => [
                `${metadata.namespace}/${metadata.name}`,
                metadata.resourceVersion,
              ])
              .sort(),
          )
          const keys = [...cache.list()].map(({ key }) => key)
          expect(keys).toEqual([...keys].sort())
        },
      ),
    )
  })
})

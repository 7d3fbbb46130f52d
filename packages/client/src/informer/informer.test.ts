import { expired, type KubeObject, ManualClock, type WatchEvent } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { Client } from '../client.js'
import { resources } from '../resources.js'
import type { Transport, WatchSink } from '../transport/transport.js'
import { InformerFactory } from './informer-factory.js'

const pod = (name: string, revision: number, labels: Record<string, string> = {}): KubeObject => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', resourceVersion: String(revision), labels },
})

/** An API server of one resource: a list to answer with, and the watches opened so far. */
function scriptedServer(items: KubeObject[], revision: number) {
  const watches: { from: string | undefined; sink: WatchSink; ended: boolean }[] = []
  const server = { items, revision, watches, lists: 0, refuseWatchWith: undefined as unknown }
  const transport: Transport = {
    async request() {
      server.lists++
      const object = {
        kind: 'PodList',
        metadata: { resourceVersion: String(server.revision) },
        items: server.items,
      }
      return { status: 200, headers: {}, object, text: () => JSON.stringify(object) }
    },
    async watch(request, sink) {
      if (server.refuseWatchWith !== undefined) {
        const error = server.refuseWatchWith
        server.refuseWatchWith = undefined
        throw error
      }
      const from = request.query?.resourceVersion as string | undefined
      const watch = { from, sink, ended: false }
      watches.push(watch)
      return () => {
        watch.ended = true
      }
    },
    close() {},
  }
  return { server, transport }
}

function follow(items: KubeObject[], revision: number) {
  const { server, transport } = scriptedServer(items, revision)
  const clock = new ManualClock()
  const factory = new InformerFactory(new Client(transport), { clock })
  const informer = factory.informer<KubeObject>(resources.pods)
  const seen: string[] = []
  informer.addHandler({
    onAdd: (object) => seen.push(`+${object.metadata.name}@${object.metadata.resourceVersion}`),
    onUpdate: (_, object) =>
      seen.push(`~${object.metadata.name}@${object.metadata.resourceVersion}`),
    onDelete: (object) => seen.push(`-${object.metadata.name}@${object.metadata.resourceVersion}`),
  })
  factory.start()
  return { server, clock, factory, informer, seen }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))
const event = (type: WatchEvent['type'], object: KubeObject): WatchEvent => ({ type, object })

describe('Informer', () => {
  it('lists, then watches from the revision of the list', async () => {
    const { server, informer, seen } = follow([pod('a', 3)], 5)
    await informer.synced()
    await tick()
    expect(server.watches.map((watch) => watch.from)).toEqual(['5'])
    server.watches[0]?.sink.onEvents([
      event('ADDED', pod('b', 6)),
      event('MODIFIED', pod('a', 7)),
      event('DELETED', pod('b', 8)),
    ])
    expect(seen).toEqual(['+a@3', '+b@6', '~a@7', '-b@8'])
    expect(informer.cache.list().map((object) => object.metadata.name)).toEqual(['a'])
  })

  it('goes on where it stood when a watch ends, bookmarks included', async () => {
    const { server, clock, informer, seen } = follow([], 5)
    await informer.synced()
    await tick()
    server.watches[0]?.sink.onEvents([event('ADDED', pod('a', 6)), event('BOOKMARK', pod('', 40))])
    server.watches[0]?.sink.onEnd()
    clock.advance(0)
    await tick()
    expect(server.watches.map((watch) => watch.from)).toEqual(['5', '40'])
    expect(server.lists).toBe(1)
    expect(seen).toEqual(['+a@6'])
  })

  it('lists again after 410 and tells handlers only what changed meanwhile', async () => {
    const { server, clock, informer, seen } = follow([pod('a', 3), pod('b', 4)], 5)
    await informer.synced()
    await tick()
    server.items = [pod('b', 4), pod('c', 9)]
    server.revision = 9
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old', metadata: {} }
    server.watches[0]?.sink.onEvents([event('ERROR', gone as unknown as KubeObject)])
    clock.advance(0)
    await tick()
    await tick()
    expect(seen).toEqual(['+a@3', '+b@4', '+c@9', '-a@3'])
    expect(server.watches.at(-1)?.from).toBe('9')
  })

  it('also lists again when the watch itself is refused with 410', async () => {
    const { server, clock, informer } = follow([], 5)
    server.refuseWatchWith = expired('too old resource version: 5 (9)')
    await informer.synced()
    await tick()
    clock.advance(0)
    await tick()
    await tick()
    expect(server.lists).toBe(2)
    expect(server.watches).toHaveLength(1)
  })

  it('survives a handler that throws', async () => {
    const { server, informer, seen } = follow([], 5)
    informer.addHandler({
      onAdd() {
        throw new Error('a bug in a handler')
      },
    })
    await informer.synced()
    await tick()
    server.watches[0]?.sink.onEvents([event('ADDED', pod('a', 6)), event('ADDED', pod('b', 7))])
    expect(seen).toEqual(['+a@6', '+b@7'])
  })

  it('keeps indexes true through changes', async () => {
    const { server, informer } = follow([pod('a', 3, { app: 'x' })], 5)
    informer.cache.addIndex('app', (object) => [object.metadata.labels?.app ?? ''])
    await informer.synced()
    await tick()
    server.watches[0]?.sink.onEvents([
      event('ADDED', pod('b', 6, { app: 'x' })),
      event('MODIFIED', pod('a', 7, { app: 'y' })),
    ])
    expect(informer.cache.byIndex('app', 'x').map((object) => object.metadata.name)).toEqual(['b'])
    expect(informer.cache.byIndex('app', 'y').map((object) => object.metadata.name)).toEqual(['a'])
  })

  it('ends its watch when stopped and tells nobody anything after', async () => {
    const { server, factory, informer, seen } = follow([], 5)
    await informer.synced()
    await tick()
    factory.stop()
    expect(server.watches[0]?.ended).toBe(true)
    server.watches[0]?.sink.onEvents([event('ADDED', pod('a', 6))])
    expect(seen).toEqual([])
  })
})

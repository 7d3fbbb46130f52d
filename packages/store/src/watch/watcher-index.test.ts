import { expect, it } from 'vitest'
import { prefixRange } from '../client/key-range.js'
import { Watcher, type WatcherHost } from './watcher.js'
import { type WatcherGroup, WatcherIndex } from './watcher-index.js'

const HOST: WatcherHost = {
  eventsSent: 0,
  cancel() {},
  requestProgress() {},
  pause() {},
  resume() {},
}
const OBSERVER = { onBatch() {}, onEnd() {} }

const watcherOf = (prefix: string, prevKv = false): Watcher =>
  new Watcher(HOST, prefixRange(prefix), OBSERVER, { prevKv }, 1)

function matching(index: WatcherIndex, key: string): Watcher[] {
  const groups: WatcherGroup[] = []
  index.match(key, groups)
  return groups.flatMap(({ watchers }) => [...watchers])
}

it('finds those that are there, however many have come and gone', () => {
  const index = new WatcherIndex()
  const stays = watcherOf('p5/')
  const other = watcherOf('p5/', true)
  index.add(stays)
  for (let round = 0; round < 3; round++) {
    const passing = Array.from({ length: 1000 }, (_, n) => watcherOf(`p${n}/`))
    for (const watcher of passing) index.add(watcher)
    expect(index.size).toBe(1001)
    expect(matching(index, 'p7/a')).toEqual([passing[7]])
    for (const watcher of passing) index.delete(watcher)
    for (const watcher of passing) index.delete(watcher)
    expect([...index]).toEqual([stays])
  }
  index.add(other)
  index.add(other)
  expect(matching(index, 'p5/a')).toEqual([stays, other])
  index.delete(stays)
  expect(index.has(stays)).toBe(false)
  expect(matching(index, 'p5/a')).toEqual([other])
  expect(index.size).toBe(1)
})

import { describe, expect, it } from 'vitest'
import { etcdPath, RealEtcd } from '../../judges/real-etcd.fixture.js'
import { systemClock } from '../../server/system-clock.js'
import { SeededRandom } from '../../simulation/seeded-random.js'
import { prefixRange } from '../key-range.js'
import type { RequestOp, StoreClient } from '../store-client.js'
import { bytes, put, type Recorder, record } from '../store-fixture.js'
import { connectStore } from './connect-store.js'
import { CuttableProxy } from './cuttable-proxy.fixture.js'
import { type EtcdFixture, openOnOurEtcd, openOnRealEtcd } from './etcd.fixture.js'

const path = etcdPath() ?? ''
const WRITES = 1500

/** Puts and deletes, now and then several keys at once. */
async function writeMuch(client: StoreClient, onWrite: (n: number) => void): Promise<void> {
  for (let n = 0; n < WRITES; n++) {
    const keys = Array.from({ length: 1 + (n % 3) }, (_, i) => `k${(n + i) % 7}`)
    const write = (key: string): RequestOp =>
      n % 5 === 4 ? { type: 'deleteRange', key } : { type: 'put', key, value: bytes(`${n}`) }
    await client.txn({ success: keys.map(write) })
    onWrite(n)
  }
}

const untilSeen = async (watch: Recorder, revision: number): Promise<void> => {
  for (let count = 1; (watch.batches.at(-1)?.revision ?? 0) < revision; count++) {
    await watch.first(Math.max(count, watch.batches.length + 1))
  }
}

const servers: [string, () => Promise<EtcdFixture>][] = [['our etcd', () => openOnOurEtcd()]]
if (path !== '') servers.push(['a real etcd', () => openOnRealEtcd(path)])

describe.each(servers)('over a network that is cut again and again, to %s,', (_name, open) => {
  it('[N3] watches see every event once and in order', { timeout: 60_000 }, async () => {
    await using etcd = await open()
    await using proxy = await CuttableProxy.start(etcd.url)
    await using far = connectStore({ endpoints: [proxy.url], clock: systemClock })
    const random = new SeededRandom(7)
    for (let n = 0; n < 7; n++) await put(etcd.client, `k${n}`)
    const watches = [
      record(far.client, prefixRange('k')),
      record(far.client, { key: 'k3' }),
      record(far.client, prefixRange('k'), { filters: ['nodelete'], prevKv: true }),
    ]
    await Promise.all(watches.map(({ subscription }) => subscription?.requestProgress()))
    await Promise.all(watches.map((watch) => watch.first(1)))
    await writeMuch(etcd.client, (n) => {
      if (random.below(100) === 0) proxy.cut()
      if (random.below(150) === 0) watches[0]?.subscription?.pause()
      if (random.below(50) === 0) watches[0]?.subscription?.resume()
      if (n === WRITES / 2) watches.push(record(far.client, prefixRange('k'), { startRevision: 9 }))
    })
    watches[0]?.subscription?.resume()
    const last = await put(etcd.client, 'k3', 'last')
    await Promise.all(watches.map((watch) => untilSeen(watch, last)))
    expect(proxy.cuts).toBeGreaterThan(5)

    const judge = record(etcd.client, prefixRange('k'), { startRevision: 9 })
    await untilSeen(judge, last)
    const [all, one, puts, late] = watches.map(({ lines }) => lines)
    expect(all).toEqual(judge.lines)
    expect(late).toEqual(judge.lines)
    expect(one).toEqual(judge.lines.filter((line) => / k3(=|$)/.test(line)))
    expect(puts).toEqual(judge.lines.filter((line) => line.includes(' put ')))
  })
})

describe.skipIf(path === '')('a real etcd that is killed again and again', () => {
  it('[N3] loses no watch its events, and no answered write', { timeout: 60_000 }, async () => {
    await using etcd = await RealEtcd.start(path)
    await using store = connectStore({ endpoints: [etcd.url], clock: systemClock })
    const watch = record(store.client, prefixRange('k'))
    const answered: string[] = []
    let restarted = Promise.resolve()
    for (let n = 0; n < 60; n++) {
      if (n % 20 === 10) restarted = restarted.then(() => etcd.kill()).then(() => etcd.run())
      try {
        answered.push(`${await put(store.client, `k${n}`, `${n}`)} put k${n}=${n}`)
      } catch (error) {
        // Of this one nobody knows.
        expect(error).toMatchObject({ name: 'StoreError' })
      }
    }
    await restarted
    const last = await put(store.client, 'k', 'last')
    await untilSeen(watch, last)
    expect(watch.lines).toEqual(expect.arrayContaining(answered))
    const revisions = watch.batches.map(({ revision }) => revision)
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
    expect(watch.ends).toEqual([])
  })
})

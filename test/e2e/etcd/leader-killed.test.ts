import type { GrpcStore } from '@miniplane/store/grpc'
import { describe, expect, it } from 'vitest'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { etcdctl } from '../../support/etcd-program.js'
import { sameHashes } from './hashes.js'

const WRITERS = 8
const ROUNDS = 5
/** Of writes under load, before the next leader dies. */
const ROUND_MS = 400
/** What a follower has sent to a leader that is dead is never answered. */
const ATTEMPT_MS = 500

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Load {
  /** What was acknowledged: the key, and the revision that the cluster promised for it. */
  readonly acknowledged: ReadonlyMap<string, number>
  /** What was not: done or not, nobody knows. */
  readonly unknown: ReadonlySet<string>
  stop(): Promise<void>
}

/** Writers that never write a key twice, and go on whatever happens. */
function startLoad({ client }: GrpcStore): Load {
  const acknowledged = new Map<string, number>()
  const unknown = new Set<string>()
  let isStopped = false
  const writer = async (name: number) => {
    for (let n = 0; !isStopped; n++) {
      const key = `${name}/${n}`
      try {
        const { header } = await client.put(key, Buffer.from(key))
        acknowledged.set(key, header.revision)
      } catch {
        unknown.add(key) // what became of it is asked of the cluster at the end
        await pause(5)
      }
    }
  }
  const writers = Array.from({ length: WRITERS }, (_, name) => writer(name))
  const stop = async () => {
    isStopped = true
    await Promise.all(writers)
  }
  return { acknowledged, unknown, stop }
}

describe.skipIf(etcdctl === undefined)('three members under load', () => {
  it('lose no acknowledged write while the leader is killed', { timeout: 120_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const load = startLoad(cluster.connect({ requestTimeoutMs: ATTEMPT_MS }))
    const perRound: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const before = load.acknowledged.size
      const { name } = await cluster.leader()
      await pause(ROUND_MS)
      await cluster.kill(name)
      await cluster.leader()
      await pause(ROUND_MS)
      perRound.push(load.acknowledged.size - before)
      await cluster.run(name)
    }
    await load.stop()

    for (const written of perRound) expect(written).toBeGreaterThan(0)
    const { kvs } = await cluster.connect().client.range({ key: '\0', rangeEnd: '\0' })
    const found = new Map(kvs.map(({ key, modRevision }) => [key, modRevision]))
    for (const [key, revision] of load.acknowledged)
      expect({ key, revision: found.get(key) }).toEqual({ key, revision })
    for (const { key, value, version } of kvs) {
      expect(load.acknowledged.has(key) || load.unknown.has(key)).toBe(true)
      expect({ key, version, value: Buffer.from(value).toString() }).toEqual({
        key,
        version: 1,
        value: key,
      })
    }
    // No revision twice, and none in between: nothing was written that nobody asked for.
    const revisions = kvs.map(({ modRevision }) => modRevision).sort((x, y) => x - y)
    expect(revisions).toEqual(revisions.map((_, i) => i + 2))
    const { revision } = await sameHashes(cluster, 3)
    expect(revision).toBe(revisions.at(-1))
  })
})

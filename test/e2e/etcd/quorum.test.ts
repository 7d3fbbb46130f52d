import { describe, expect, it } from 'vitest'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { etcdctl } from '../../support/etcd-program.js'
import { eventually } from '../../support/eventually.js'
import { sameHashes } from './hashes.js'

// Seven processes are slow to start where there are two cores.
const SIZES = process.env.MINIPLANE_SLOW_TESTS === undefined ? [3, 5] : [3, 5, 7]
/** A member's own bound: five seconds, and two for each election. */
const REQUEST_MS_MAX = 7000
/** An election timeout is drawn between one and two seconds; what is above is a busy machine's. */
const FAILOVER_MS_MAX = 4000
const SLACK_MS = 3000
const ATTEMPT_MS = 250

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Over the gateway, so that what is measured is the member's patience, not a client's. */
async function ask(url: string, path: string, request: object, signal: AbortSignal | null = null) {
  const startedMs = performance.now()
  const body = JSON.stringify(request)
  const response = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body, signal })
  const answer = (await response.json()) as Record<string, unknown>
  return { status: response.status, answer, tookMs: performance.now() - startedMs }
}

const put = (url: string, key: string, signal?: AbortSignal) =>
  ask(url, 'put', { key: base64(key), value: base64(`value of ${key}`) }, signal)
const read = (url: string, key: string) => ask(url, 'range', { key: base64(key) })
const peek = (url: string, key: string) =>
  ask(url, 'range', { key: base64(key), serializable: true })

describe.skipIf(etcdctl === undefined).each(SIZES)('of %i members', (size) => {
  const minority = Math.floor((size - 1) / 2)

  it('a minority may die; a majority must live', { timeout: 120_000 }, async () => {
    await using cluster = await EtcdCluster.start(size)
    const acknowledged: string[] = []
    /** Again and again: what a follower has sent to a leader that is dead is never answered. */
    const write = async (url: string, key: string) => {
      const startedMs = performance.now()
      await eventually(async () => {
        const { answer, status } = await put(url, key, AbortSignal.timeout(ATTEMPT_MS))
        expect({ key, status, answer }).toMatchObject({ status: 200 })
      })
      acknowledged.push(key)
      return performance.now() - startedMs
    }
    for (let n = 0; n < 20; n++) await write((await cluster.leader()).clientUrl, `before-${n}`)

    // One after the other, always the leader: the next write is answered after an election.
    const dead: string[] = []
    for (let n = 0; n < minority; n++) {
      const leader = await cluster.leader()
      dead.push(leader.name)
      await cluster.kill(leader.name)
      const survivor = cluster.members[0]?.clientUrl ?? ''
      expect(await write(survivor, `without-${leader.name}`)).toBeLessThan(FAILOVER_MS_MAX)
      for (let i = 0; i < 10; i++) await write(survivor, `without-${leader.name}-${i}`)
    }

    // One more, and nobody can know what the others would agree on.
    const victim = (await cluster.leader()).name
    dead.push(victim)
    await cluster.kill(victim)
    const survivor = cluster.members[0]?.clientUrl ?? ''
    const refusals = await Promise.all([put(survivor, 'refused'), read(survivor, 'before-0')])
    for (const { status, answer, tookMs } of refusals) {
      expect(answer).toMatchObject({ error: expect.stringMatching(/^etcdserver: .*timed out/) })
      expect(status).toBe(503)
      expect(tookMs).toBeLessThan(REQUEST_MS_MAX + SLACK_MS)
    }
    for (const { clientUrl } of cluster.members) {
      const seen = await peek(clientUrl, 'before-0')
      expect(seen.answer).toMatchObject({ kvs: [{ value: base64('value of before-0') }] })
      expect(seen.tookMs).toBeLessThan(SLACK_MS)
    }
    const health = await fetch(`${survivor}/health`)
    expect(health.status).toBe(503)

    await cluster.runAll(dead)
    await write(survivor, 'after')
    const { client } = cluster.connect()
    const { kvs } = await client.range({ key: '\0', rangeEnd: '\0' })
    // What was refused may have been written all the same, later.
    const found = kvs.map(({ key }) => key).filter((key) => key !== 'refused')
    expect(new Set(found)).toEqual(new Set(acknowledged))
    await sameHashes(cluster, size)
  })
})

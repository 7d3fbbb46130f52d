import { describe, expect, it } from 'vitest'
import type { StoreErrorCode } from '../errors.js'
import { eventually, sleep } from '../eventually.fixture.js'
import { type ClusterNode, HttpCluster } from './http-cluster.fixture.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const put = (node: ClusterNode, key: string, value = key) =>
  node.member.client.put(key, bytes(value))

async function read(node: ClusterNode, key: string, serializable = false) {
  const { kvs } = await node.member.client.range({ key, serializable })
  return kvs[0] === undefined ? undefined : Buffer.from(kvs[0].value).toString()
}

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

const codeOf = (work: Promise<unknown>): Promise<StoreErrorCode | undefined> =>
  work.then(
    () => undefined,
    (error: { code: StoreErrorCode }) => error.code,
  )

/** Retries what a change of leaders may refuse. */
async function putAnyhow(nodes: readonly ClusterNode[], key: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const node = nodes[attempt % nodes.length] as ClusterNode
    if ((await codeOf(put(node, key))) === undefined) return
  }
  throw new Error(`nobody takes ${key}`)
}

/** They hold the same, by etcd's own hash. */
async function expectEqual(nodes: readonly ClusterNode[]): Promise<void> {
  const revision = Math.max(...nodes.map(({ member }) => member.machine.header().revision))
  await eventually(() => nodes.every(({ member }) => member.machine.header().revision === revision))
  const hashes = await Promise.all(
    nodes.map(({ member }) => member.server.maintenance.hashKv(revision, {})),
  )
  expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(1)
}

describe('three members', () => {
  it('answer the same, whomever one asks', async () => {
    await using cluster = await HttpCluster.start(3)
    for (const [i, node] of cluster.nodes.entries()) {
      await put(node, `key-${i}`)
      for (const other of cluster.nodes) expect(await read(other, `key-${i}`)).toBe(`key-${i}`)
    }
    await expectEqual(cluster.nodes)
  })

  it('go on without their leader, who finds everything when it comes back', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    await put(leader, 'before')
    await leader.kill()
    const next = await cluster.leader()
    expect(next.member.id).not.toBe(leader.name)
    await putAnyhow(cluster.running, 'during')
    expect(await read(next, 'before')).toBe('before')
    await leader.start()
    await eventually(() => leader.member.leader !== 0n)
    expect(await read(leader, 'during')).toBe('during')
    await expectEqual(cluster.nodes)
  })

  it('survive any number of dead leaders', async () => {
    await using cluster = await HttpCluster.start(3)
    for (const round of count(4)) {
      const leader = await cluster.leader()
      await putAnyhow(cluster.running, `round-${round}`)
      await leader.kill()
      await cluster.leader()
      await putAnyhow(cluster.running, `after-${round}`)
      await leader.start()
    }
    const leader = await cluster.leader()
    const { kvs } = await leader.member.client.range({ key: 'a', rangeEnd: 's' })
    expect(kvs).toHaveLength(8)
    await expectEqual(cluster.nodes)
  })

  it('forget what a leader without a majority took', async () => {
    await using cluster = await HttpCluster.start(3)
    const old = await cluster.leader()
    const others = cluster.followers(old)
    await put(old, 'agreed')
    cluster.isolate(old)
    const lost = codeOf(put(old, 'lost'))
    const next = await cluster.leader(() => others)
    expect(others).toContain(next)
    await putAnyhow(others, 'won')
    // What it had, it still says to who doesn't mind; what everybody agrees on, it can't know.
    expect(await read(old, 'agreed', true)).toBe('agreed')
    const blind = codeOf(read(old, 'agreed'))
    expect(await lost).toMatch(/^Timeout|^NoLeader|^LeaderChanged/)
    expect(await blind).toMatch(/^Timeout|^NoLeader|^LeaderChanged/)
    cluster.heal()
    await eventually(() => old.member.leader === next.member.id)
    expect(await read(old, 'won')).toBe('won')
    expect(await read(old, 'lost')).toBeUndefined()
    await expectEqual(cluster.nodes)
  }, 60_000)

  it('refuse writes while two of them are gone, and take them again when one is back', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    const [b, c] = cluster.followers(leader) as [ClusterNode, ClusterNode]
    await put(leader, 'kept')
    await Promise.all([b.kill(), c.kill()])
    await eventually(() => leader.member.leader === 0n)
    expect(await read(leader, 'kept', true)).toBe('kept')
    expect(await codeOf(put(leader, 'refused'))).toMatch(/^Timeout|^NoLeader|^LeaderChanged/)
    await b.start()
    await cluster.leader()
    await putAnyhow(cluster.running, 'again')
    expect(await read(b, 'kept')).toBe('kept')
    await c.start()
    await expectEqual(cluster.nodes)
  }, 60_000)

  it('have one to whom nobody can connect, as long as it can to the others', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    const [hidden] = cluster.followers(leader) as [ClusterNode]
    cluster.hide(hidden)
    await sleep(200)
    await put(hidden, 'x')
    expect(await read(hidden, 'x')).toBe('x')
    await expectEqual(cluster.nodes)
    await leader.kill()
    await cluster.leader()
    await putAnyhow(cluster.running, 'y')
    expect(await read(hidden, 'y')).toBe('y')
  }, 60_000)

  it('keep a lease alive through any of them, and across leaders', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    const [follower] = cluster.followers(leader) as [ClusterNode]
    const { id } = await follower.member.client.leaseGrant({ ttlSeconds: 60 })
    await follower.member.client.put('leased', bytes('x'), { lease: id })
    expect(await follower.member.client.leaseKeepAlive(id)).toMatchObject({ ttlSeconds: 60 })
    const answer = await follower.member.client.leaseTimeToLive(id, { keys: true })
    expect(answer).toMatchObject({ grantedTtlSeconds: 60, keys: ['leased'] })
    const nobody = follower.member.client.leaseKeepAlive(77n)
    expect(await codeOf(nobody)).toBe('LeaseNotFound')
    await leader.kill()
    await cluster.leader()
    expect(await follower.member.client.leaseKeepAlive(id)).toMatchObject({ ttlSeconds: 60 })
  })

  it('give a member that was away for long the state instead of the log', async () => {
    const said: string[] = []
    const log = { debug() {}, info: (text: string) => said.push(text), warn() {}, error() {} }
    const settings = { snapshotEntries: 50, catchUpEntries: 20, log }
    await using cluster = await HttpCluster.start(3, settings)
    const leader = await cluster.leader()
    const [away, there] = cluster.followers(leader) as [ClusterNode, ClusterNode]
    await put(leader, 'first')
    await away.kill()
    for (const i of count(300)) await put(leader, `key-${i}`, 'x'.repeat(2000))
    expect(said).not.toContain('received a snapshot')
    await away.start()
    await expectEqual([leader, there, away])
    expect(said).toContain('received a snapshot')
    await put(away, 'afterwards')
    expect(await read(away, 'key-299')).toBe('x'.repeat(2000))
    // It stands on its own feet: what it was given is on its disk.
    await away.kill()
    await away.start()
    await expectEqual(cluster.nodes)
  }, 60_000)
})

describe.each([
  [5, 2],
  [7, 3],
])('of %i members', (size, spare) => {
  it(`${spare} may be gone`, async () => {
    await using cluster = await HttpCluster.start(size)
    for (const _ of count(spare)) await (await cluster.leader()).kill()
    await cluster.leader()
    await putAnyhow(cluster.running, 'x')
    for (const node of cluster.running) expect(await read(node, 'x')).toBe('x')
    const gone = cluster.nodes.filter((node) => !node.isRunning)
    for (const node of gone) await node.start()
    await expectEqual(cluster.nodes)
  }, 60_000)
})

describe('members that come and go', () => {
  /** Whether everyone has been in touch for the five seconds that etcd asks for doesn't matter. */
  const careless = { strictReconfigCheck: false }

  it('a voter that is added gets everything and counts', async () => {
    await using cluster = await HttpCluster.start(1, careless)
    for (const i of count(50)) await put(cluster.nodes[0] as ClusterNode, `key-${i}`)
    const joined = await cluster.join(false)
    await eventually(() => joined.member.isReady)
    expect(await read(joined, 'key-49')).toBe('key-49')
    await expectEqual(cluster.nodes)
    const members = joined.member.membership.members.map(({ name }) => name)
    expect(members.sort()).toEqual(['m1', 'm2'])
    await put(joined, 'both')
    await joined.kill()
    expect(await codeOf(put(cluster.nodes[0] as ClusterNode, 'alone'))).toMatch(
      /^Timeout|^NoLeader/,
    )
  }, 60_000)

  it('a learner serves nobody, is promoted by whomever one asks, and then votes', async () => {
    await using cluster = await HttpCluster.start(3, careless)
    const learner = await cluster.join(true)
    const leader = await cluster.leader()
    const [follower] = cluster.followers(leader).filter((node) => node !== learner)
    await eventually(() => learner.member.membership.members.length === 4)
    expect(await codeOf(put(learner, 'x'))).toBe('NotSupportedForLearner')
    expect(await codeOf(read(learner, 'x'))).toBe('NotSupportedForLearner')
    const { cluster: api } = (follower as ClusterNode).member.server
    await eventually(() => learner.member.machine.header().revision >= 1)
    await promote(() => api.memberPromote(learner.member.id, {}))
    await eventually(() => learner.member.raftStatus.confState.voters.length === 4)
    await eventually(() => learner.member.isReady)
    await put(learner, 'x')
    expect(await read(leader, 'x')).toBe('x')
    expect(await codeOf(api.memberPromote(learner.member.id, {}))).toBe('MemberNotLearner')
    expect(await codeOf(api.memberPromote(7n, {}))).toBe('MemberNotFound')
  })

  it('a member that is removed stops, and the others go on', async () => {
    await using cluster = await HttpCluster.start(3, careless)
    const leader = await cluster.leader()
    const [removed, other] = cluster.followers(leader) as [ClusterNode, ClusterNode]
    const { stopped, id } = removed.member
    const { members } = await leader.member.server.cluster.memberRemove(id, {})
    expect(members).toHaveLength(2)
    expect(await stopped).toBe('removed')
    await removed.kill()
    await put(other, 'two')
    await expectEqual([leader, other])
  }, 60_000)

  it('a member that was removed while it was away stops when it comes back', async () => {
    await using cluster = await HttpCluster.start(3, careless)
    const leader = await cluster.leader()
    const [removed, other] = cluster.followers(leader) as [ClusterNode, ClusterNode]
    const { id } = removed.member
    await removed.kill()
    await leader.member.server.cluster.memberRemove(id, {})
    await removed.start()
    expect(await removed.member.stopped).toBe('removed')
    await put(other, 'two')
  }, 60_000)

  it('a leader may be removed, too', async () => {
    await using cluster = await HttpCluster.start(3, careless)
    const leader = await cluster.leader()
    const others = cluster.followers(leader)
    const { stopped, id } = leader.member
    await (others[0] as ClusterNode).member.server.cluster.memberRemove(id, {})
    expect(await stopped).toBe('removed')
    await leader.kill()
    await cluster.leader(() => others)
    await putAnyhow(others, 'two')
    await expectEqual(others)
  }, 60_000)

  it('the URLs of a member that moves are followed', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    const [moving] = cluster.followers(leader) as [ClusterNode]
    const { id, membership } = moving.member
    const urls = [moving.url, 'http://127.0.0.1:1']
    const { members } = await leader.member.server.cluster.memberUpdate(id, urls, {})
    expect(members.find((member) => member.id === id)?.peerUrls).toEqual(urls.sort())
    await put(leader, 'x')
    expect(membership.get(id)?.name).toBe(moving.name)
    expect(await read(moving, 'x')).toBe('x')
  })

  it('what would cost the quorum is refused', async () => {
    await using cluster = await HttpCluster.start(3)
    const leader = await cluster.leader()
    const [b, c] = cluster.followers(leader) as [ClusterNode, ClusterNode]
    const { cluster: api } = leader.member.server
    await b.kill()
    expect(await codeOf(api.memberRemove(c.member.id, {}))).toBe('Unhealthy')
    expect(await codeOf(api.memberAdd(['http://127.0.0.1:9'], false, {}))).toBe('Unhealthy')
    expect(await codeOf(api.memberAdd(['garbage'], false, {}))).toBe('MemberBadUrls')
    expect(await codeOf(api.memberRemove(7n, {}))).toBe('MemberNotFound')
  })
})

/** A learner must have caught up. */
async function promote(act: () => Promise<unknown>): Promise<void> {
  let refused: StoreErrorCode | undefined
  do {
    await sleep(20)
    refused = await codeOf(act())
  } while (refused === 'LearnerNotReady')
  expect(refused).toBeUndefined()
}

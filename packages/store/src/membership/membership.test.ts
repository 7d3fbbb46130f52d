import { describe, expect, it } from 'vitest'
import type { StoreErrorCode } from '../errors.js'
import { type BootstrapOptions, bootstrapCluster } from './bootstrap.js'
import { decodeConfChange, encodeConfChange } from './conf-change.js'
import { clusterIdOf, memberIdOf } from './ids.js'
import { initialMembers, type MemberChange, Membership, newMember } from './membership.js'
import {
  checkMemberAdd,
  checkMemberPromote,
  checkMemberRemove,
  type ReconfigurationView,
} from './reconfiguration.js'
import { checkUrls, parseInitialCluster } from './urls.js'

describe('ids', () => {
  // As etcd 3.4 answered them.
  it('are those that etcd gives the same members', () => {
    const a = memberIdOf(['http://127.0.0.1:40833'], 'tok')
    const b = memberIdOf(['http://127.0.0.1:42587'], 'tok')
    expect([a, b]).toEqual([2300684733696292581n, 8159375432244841447n])
    expect(clusterIdOf([b, a])).toBe(4042637660652222190n)
    expect(memberIdOf(['http://127.0.0.1:24000'], '', 1795246671)).toBe(6975607406235739767n)
  })

  it('do not depend on the order of the URLs', () => {
    expect(memberIdOf(['http://b:1', 'http://a:1'], 't')).toBe(
      memberIdOf(['http://a:1', 'http://b:1'], 't'),
    )
  })
})

describe('URLs', () => {
  it.each([
    ['garbage', 'URL scheme must be http, https, unix, or unixs: garbage'],
    ['ftp://a:1', 'URL scheme must be http, https, unix, or unixs: ftp://a:1'],
    ['http://a', 'URL address does not have the form "host:port": http://a'],
    ['http://a:x', 'URL address does not have the form "host:port": http://a:x'],
    ['http://a:1/path', 'URL must not contain a path: http://a:1/path'],
  ])('refuses %s', (url, problem) => {
    expect(() => checkUrls([url])).toThrow(problem)
  })

  it('reads --initial-cluster, with several URLs of a name', () => {
    expect([...parseInitialCluster('a=http://h:2,b=https://[::1]:3,,a=http://h:1')]).toEqual([
      ['a', ['http://h:1', 'http://h:2']],
      ['b', ['https://[::1]:3']],
    ])
  })
})

const three = (): Membership => {
  const cluster = parseInitialCluster('a=http://h:1,b=http://h:2,c=http://h:3')
  const membership = new Membership()
  membership.apply(initialMembers(cluster, 't').map((member) => ({ kind: 'add', member })))
  return membership
}
const idOf = (membership: Membership, name: string): bigint =>
  membership.members.find((member) => member.name === name)?.id ?? 0n

const refusalOf = (act: () => void): StoreErrorCode | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return (error as { code: StoreErrorCode }).code
  }
}

describe('Membership', () => {
  const learner = newMember(['http://h:9'], true, 5)

  const cases: readonly (readonly [string, (m: Membership) => MemberChange, StoreErrorCode])[] = [
    [
      'a member that is there',
      (m) => ({ kind: 'add', member: m.members[0] as never }),
      'MemberExists',
    ],
    [
      'URLs that another one has',
      () => ({ kind: 'add', member: newMember(['http://h:8', 'http://h:1'], false, 1) }),
      'PeerUrlExists',
    ],
    [
      'an update to URLs that another one has',
      (m) => ({ kind: 'update', id: idOf(m, 'a'), peerUrls: ['http://h:2'] }),
      'PeerUrlExists',
    ],
    ['removing nobody', () => ({ kind: 'remove', id: 7n }), 'MemberNotFound'],
    ['promoting nobody', () => ({ kind: 'promote', id: 7n }), 'MemberNotFound'],
    ['promoting a voter', (m) => ({ kind: 'promote', id: idOf(m, 'a') }), 'MemberNotLearner'],
  ]
  it.each(cases)('refuses %s', (_, changeOf, code) => {
    const membership = three()
    expect(refusalOf(() => membership.apply([changeOf(membership)]))).toBe(code)
  })

  it('takes one learner at a time, who is promoted', () => {
    const membership = three()
    membership.apply([{ kind: 'add', member: learner }])
    const second: MemberChange = { kind: 'add', member: newMember(['http://h:10'], true, 5) }
    expect(refusalOf(() => membership.apply([second]))).toBe('TooManyLearners')
    expect(membership.voters).toHaveLength(3)
    membership.apply([{ kind: 'promote', id: learner.id }, second])
    expect(membership.voters).toHaveLength(4)
  })

  it('makes all of several changes or none', () => {
    const membership = three()
    const remove: MemberChange = { kind: 'remove', id: idOf(membership, 'a') }
    expect(refusalOf(() => membership.apply([remove, remove]))).toBe('MemberNotFound')
    expect(membership.members).toHaveLength(3)
  })

  it('never takes a removed id again', () => {
    const membership = three()
    const id = idOf(membership, 'a')
    const member = membership.get(id) as never
    membership.apply([{ kind: 'remove', id }])
    expect(membership.isRemoved(id)).toBe(true)
    expect(refusalOf(() => membership.apply([{ kind: 'add', member }]))).toBe('MemberNotFound')
  })

  it('has copies that later changes do not reach', () => {
    const membership = three()
    const copy = membership.clone()
    membership.apply([{ kind: 'remove', id: idOf(membership, 'a') }])
    membership.setAttributes(idOf(membership, 'b'), 'bb', [])
    expect(copy.members.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
    expect(copy.removedIds).toEqual([])
  })

  it('comes back from a database as it was', () => {
    const membership = three()
    membership.apply([
      { kind: 'remove', id: idOf(membership, 'a') },
      { kind: 'add', member: learner },
    ])
    membership.setAttributes(idOf(membership, 'b'), 'b "id":5', ['http://c:1'])
    membership.setClusterVersion('3.6.0')
    membership.setDowngrade({ enabled: true, targetVersion: '3.5.0' })
    const back = Membership.fromBuckets(membership.toBuckets())
    expect(back.toBuckets()).toEqual(membership.toBuckets())
    expect(back.members).toEqual(membership.members)
    expect(back.downgrade).toEqual({ enabled: true, targetVersion: '3.5.0' })
  })

  it('writes a member as etcd does', () => {
    const membership = Membership.of([{ ...learner, id: 2300684733696292581n, name: 'a' }])
    expect([...membership.toBuckets().members]).toEqual([
      [
        '1fedac936421b6e5',
        '{"id":2300684733696292581,"peerURLs":["http://h:9"],"isLearner":true,"name":"a"}',
      ],
    ])
  })
})

describe('a change of membership as a log entry', () => {
  const member = { ...newMember(['http://h:9'], true, 5), name: 'x', clientUrls: ['http://c:1'] }
  const changes: readonly MemberChange[] = [
    { kind: 'add', member },
    { kind: 'add', member: { ...member, isLearner: false } },
    { kind: 'promote', id: 2n ** 64n - 1n },
    { kind: 'remove', id: 2n ** 63n + 1n },
    { kind: 'update', id: 3n, peerUrls: ['http://h:1', 'http://h:2'] },
  ]
  it.each(changes.map((change) => [change.kind, change] as const))('%s', (_, change) => {
    const decoded = decodeConfChange(encodeConfChange(77n, [change]))
    expect(decoded).toMatchObject({ requestId: 77n, memberChanges: [change] })
    expect(decoded.change.changes).toHaveLength(1)
  })

  it('several at once are one entry of the second kind', () => {
    const entry = encodeConfChange(2n ** 60n + 1n, changes)
    expect(entry.type).toBe('EntryConfChangeV2')
    expect(decodeConfChange(entry)).toMatchObject({
      requestId: 2n ** 60n + 1n,
      memberChanges: changes,
      change: { transition: 'auto', changes: [{}, {}, {}, {}, {}] },
    })
  })

  it('the empty one leaves a joint configuration', () => {
    const leave = { type: 'EntryConfChangeV2', data: new Uint8Array(0) } as const
    expect(decodeConfChange(leave)).toMatchObject({ memberChanges: [], change: { changes: [] } })
  })
})

describe('what is refused before it is proposed', () => {
  const view = (membership: Membership, down: readonly string[] = []): ReconfigurationView => ({
    membership,
    selfId: idOf(membership, 'a'),
    isStrict: true,
    nowMs: 100_000,
    activeSince: (id) =>
      down.includes(membership.get(id)?.name ?? '') || membership.get(id) === undefined
        ? undefined
        : 1,
  })
  const voter = newMember(['http://h:9'], false, 5)

  it('a further voter while a member is down', () => {
    const membership = three()
    expect(refusalOf(() => checkMemberAdd(view(membership), voter))).toBeUndefined()
    expect(refusalOf(() => checkMemberAdd(view(membership, ['b']), voter))).toBe('Unhealthy')
  })

  it('a further voter while half of them have never started', () => {
    const membership = three()
    for (const { id } of membership.members) membership.setAttributes(id, '', [])
    expect(refusalOf(() => checkMemberAdd(view(membership), voter))).toBe('MemberNotEnoughStarted')
    const loose = { ...view(membership), isStrict: false }
    expect(refusalOf(() => checkMemberAdd(loose, voter))).toBeUndefined()
  })

  it('removing what the quorum needs, but not who is down anyway', () => {
    const membership = three()
    const remove = (name: string, down: string[]) =>
      refusalOf(() => checkMemberRemove(view(membership, down), idOf(membership, name)))
    expect(remove('c', [])).toBeUndefined()
    expect(remove('c', ['b'])).toBe('Unhealthy')
    expect(remove('b', ['b'])).toBeUndefined()
  })

  it('removing the only member', () => {
    const membership = Membership.of([{ ...voter, name: 'a' }])
    expect(refusalOf(() => checkMemberRemove(view(membership), voter.id))).toBe(
      'MemberNotEnoughStarted',
    )
  })

  it('promoting a learner that is behind, or anywhere but at the leader', () => {
    const membership = three()
    const learner = newMember(['http://h:9'], true, 5)
    membership.apply([{ kind: 'add', member: learner }])
    const progress = (match: number, id: bigint) => ({ id, match }) as never
    const promote = (match: number, role: 'leader' | 'follower') =>
      refusalOf(() =>
        checkMemberPromote(view(membership), learner.id, {
          id: idOf(membership, 'a'),
          role,
          progress: [progress(100, idOf(membership, 'a')), progress(match, learner.id)],
        }),
      )
    expect(promote(89, 'leader')).toBe('LearnerNotReady')
    expect(promote(90, 'leader')).toBeUndefined()
    expect(promote(100, 'follower')).toBe('NotLeader')
  })
})

describe('bootstrapCluster', () => {
  const options = (differences: Partial<BootstrapOptions>): BootstrapOptions => ({
    initialCluster: parseInitialCluster('a=http://h:1,b=http://h:2'),
    state: 'new',
    token: 't',
    ourName: 'a',
    ourPeerUrls: ['http://h:1'],
    fetchMembers: () => Promise.resolve(undefined),
    ...differences,
  })
  const remote = (urls: readonly string[], clientUrls: string[] = []) => ({
    clusterId: 99n,
    members: urls.map((url, i) => ({
      ...newMember([url], false, 5),
      id: i === 0 ? memberIdOf([url], 't') : 1000n + BigInt(i),
      clientUrls,
    })),
  })

  it('of a new cluster gives all of them the same ids', async () => {
    const a = await bootstrapCluster(options({}))
    const b = await bootstrapCluster(options({ ourName: 'b', ourPeerUrls: ['http://h:2'] }))
    expect(b.clusterId).toBe(a.clusterId)
    expect(b.members).toEqual(a.members)
    expect([a.memberId, b.memberId].sort()).toEqual(a.members.map(({ id }) => id).sort())
  })

  it('of an existing cluster takes over its ids', async () => {
    const found = remote(['http://h:2', 'http://h:1'])
    const joined = await bootstrapCluster(
      options({ state: 'existing', fetchMembers: () => Promise.resolve(found) }),
    )
    expect(joined).toMatchObject({ memberId: 1001n, clusterId: 99n })
  })

  it.each([
    [{ ourName: 'x' }, `couldn't find local name "x" in the initial cluster configuration`],
    [
      { ourPeerUrls: ['http://h:7'] },
      '--initial-cluster has a=http://h:1 but missing from --initial-advertise-peer-urls=http://h:7',
    ],
    [
      { ourPeerUrls: ['http://h:1', 'http://h:7'] },
      '--initial-advertise-peer-urls has http://h:7 but missing from --initial-cluster=a=http://h:1,a=http://h:7',
    ],
    [
      { initialCluster: parseInitialCluster('a=http://h:1,b=http://h:1') },
      'initial cluster a=http://h:1,b=http://h:1 has duplicate url',
    ],
    [
      { fetchMembers: () => Promise.resolve(remote(['http://h:1'], ['http://c:1'])) },
      'has already been bootstrapped',
    ],
    [{ state: 'existing' as const }, 'cannot fetch cluster info from peer urls'],
    [
      { state: 'existing' as const, fetchMembers: () => Promise.resolve(remote(['http://h:1'])) },
      'member count is unequal',
    ],
    [
      {
        state: 'existing' as const,
        fetchMembers: () => Promise.resolve(remote(['http://h:1', 'http://h:3'])),
      },
      'PeerURLs: no match found for existing member (3e9, [http://h:3])',
    ],
  ])('refuses %o', async (differences, problem) => {
    await expect(bootstrapCluster(options(differences))).rejects.toThrow(problem)
  })
})

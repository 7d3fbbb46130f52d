import { describe, expect, it } from 'vitest'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { etcdctl } from '../../support/etcd-program.js'
import { eventually } from '../../support/eventually.js'
import { sameHashes } from './hashes.js'

/** A line of `etcdctl member list`. */
interface Line {
  readonly id: string
  readonly status: string
  readonly name: string
  readonly peerUrl: string
  readonly clientUrl: string
  readonly isLearner: string
}

async function list(cluster: EtcdCluster): Promise<Map<string, Line>> {
  const lines = (await cluster.ctl('member', 'list')).trim().split('\n')
  return new Map(
    lines.map((line) => {
      const [id = '', status = '', name = '', peerUrl = '', clientUrl = '', isLearner = ''] =
        line.split(', ')
      return [peerUrl, { id, status, name, peerUrl, clientUrl, isLearner }]
    }),
  )
}

/** The variables that `etcdctl member add` prints for who starts the new member. */
const variablesIn = (answer: string): Record<string, string> =>
  Object.fromEntries([...answer.matchAll(/^(ETCD_\w+)="(.*)"$/gm)].map(([, k, v]) => [k, v]))

describe.skipIf(etcdctl === undefined)('members, by etcdctl', () => {
  it('learn, vote, move and go', { timeout: 120_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const { processes } = cluster
    for (let n = 0; n < 20; n++) await cluster.ctlAt('a', 'put', `k${n}`, `v${n}`)

    // A learner is added …
    await processes.admit('d')
    const peerUrl = processes.peerUrl('d')
    // Changes are for clusters whose members have been connected for a while.
    const add = ['member', 'add', 'd', '--learner', '--peer-urls', peerUrl]
    const added = await eventually(() => cluster.ctlAt('b', ...add))
    expect(added).toMatch(/^Member [ 0-9a-f]{16} added to cluster [ 0-9a-f]{16}\n/)
    const id = /^Member +([0-9a-f]+) /.exec(added)?.[1] ?? ''
    expect((await list(cluster)).get(peerUrl)).toEqual({
      ...{ id, status: 'unstarted', name: '', peerUrl, clientUrl: '', isLearner: 'true' },
    })
    const { ETCD_INITIAL_CLUSTER = '', ETCD_INITIAL_CLUSTER_STATE = '' } = variablesIn(added)
    expect(ETCD_INITIAL_CLUSTER_STATE).toBe('existing')

    // … starts as it was told, and learns.
    const d = await cluster.run(
      'd',
      `--initial-cluster=${ETCD_INITIAL_CLUSTER}`,
      `--initial-cluster-state=${ETCD_INITIAL_CLUSTER_STATE}`,
    )
    await eventually(async () =>
      expect((await list(cluster)).get(peerUrl)).toEqual({
        ...{ id, status: 'started', name: 'd', peerUrl },
        ...{ clientUrl: d.clientUrl, isLearner: 'true' },
      }),
    )
    const endpoints = d.clientUrl
    await eventually(async () => {
      const read = await cluster.attempt(['get', 'k19', '--consistency=s'], { endpoints })
      expect(read.stdout).toBe('k19\nv19\n')
    })
    const asked = await cluster.attempt(['get', 'k19'], { endpoints })
    expect(asked.stderr).toContain('etcdserver: rpc not supported for learner')
    const promoted = await eventually(() => cluster.ctlAt('c', 'member', 'promote', id))
    expect(promoted).toMatch(/^Member +[0-9a-f]+ promoted in cluster +[0-9a-f]+\n$/)
    const again = await cluster.attempt(['member', 'promote', id])
    expect(again.stderr).toContain('etcdserver: can only promote a learner member')
    expect(await cluster.ctlAt('d', 'get', 'k19')).toBe('k19\nv19\n')

    // Four vote: one may be missing, and it matters that `d` is there.
    await cluster.kill('c')
    await eventually(() => cluster.ctlAt('d', 'put', 'without-c', 'yes'))
    await cluster.run('c')

    // Its peers find it elsewhere.
    const moved = peerUrl.replace('127.0.0.1', 'localhost')
    const updated = await eventually(() =>
      cluster.ctl('member', 'update', id, '--peer-urls', moved),
    )
    expect(updated).toMatch(/^Member +[0-9a-f]+ updated in cluster +[0-9a-f]+\n$/)
    expect((await list(cluster)).get(moved)).toMatchObject({ id, name: 'd', isLearner: 'false' })
    await cluster.ctlAt('a', 'put', 'moved', 'yes')
    expect(await cluster.ctlAt('d', 'get', 'moved')).toBe('moved\nyes\n')
    await sameHashes(cluster, 4)

    // Who is removed ends, and does not come back.
    const removed = await eventually(() => cluster.ctlAt('a', 'member', 'remove', id))
    expect(removed).toMatch(/^Member +[0-9a-f]+ removed from cluster +[0-9a-f]+\n$/)
    expect(await d.ended).toBe(0)
    const ghost = processes.start('d')
    expect(await ghost.ended).toBe(0)
    expect(ghost.log.map(({ msg }) => msg)).toContain(
      'server has been removed from the cluster; stopping',
    )
    const left = [...(await list(cluster)).values()].map(({ name }) => name)
    expect(left.sort()).toEqual(['a', 'b', 'c'])
  })

  it('a leader moves, and one that is removed goes', { timeout: 120_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const leader = await cluster.leader()
    const [heir, other] = await cluster.followers()
    if (heir === undefined || other === undefined) throw new Error('no followers')
    const members = new Map(
      [...(await list(cluster)).values()].map((line) => [line.name, line.id] as const),
    )
    const moved = await cluster.ctl('move-leader', members.get(heir.name) ?? '')
    expect(moved).toMatch(/^Leadership transferred from [0-9a-f]+ to [0-9a-f]+\n$/)
    expect((await cluster.leader()).name).toBe(heir.name)
    const refused = await cluster.attempt(['move-leader', members.get(other.name) ?? ''], {
      endpoints: leader.clientUrl,
    })
    expect(refused.exit).not.toBe(0)

    const removed = await eventually(() =>
      cluster.ctlAt(other.name, 'member', 'remove', members.get(heir.name) ?? ''),
    )
    expect(removed).toContain('removed from cluster')
    expect(await heir.ended).toBe(0)
    await eventually(() => cluster.ctlAt(other.name, 'put', 'k', 'v'))
    expect(await cluster.ctlAt(leader.name, 'get', 'k')).toBe('k\nv\n')
    const { stdout } = await cluster.attempt(['endpoint', 'status', '--cluster', '-w', 'json'], {
      endpoints: other.clientUrl,
    })
    expect(JSON.parse(stdout)).toHaveLength(2)
  })
})

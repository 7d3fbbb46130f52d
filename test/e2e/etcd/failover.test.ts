import { describe, expect, it } from 'vitest'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { etcdctl } from '../../support/etcd-program.js'
import { eventually } from '../../support/eventually.js'

/** The leader dies, and another one leads. */
async function loseLeader(cluster: EtcdCluster): Promise<string> {
  const { name } = await cluster.leader()
  await cluster.kill(name)
  await cluster.leader()
  return name
}

const put = (cluster: EtcdCluster, key: string, value: string) =>
  eventually(() => cluster.ctl('put', key, value, '--command-timeout=2s'))

/** The versions of `w/k`, as etcdctl prints its fields. */
const versionsIn = (fields: string): number[] =>
  [...fields.matchAll(/"Key" : "w\/k"\n(?:"\w+Revision" : \d+\n)+"Version" : (\d+)/g)].map(
    ([, version]) => Number(version),
  )

describe.skipIf(etcdctl === undefined)('when the leader dies', () => {
  it('a watch misses nothing and repeats nothing', { timeout: 60_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    // Connected to the leader alone at first: it has to look for another member.
    const leader = await cluster.leader()
    const others = cluster.endpoints.split(',').filter((url) => url !== leader.clientUrl)
    const endpoints = [leader.clientUrl, ...others].join(',')
    const watch = cluster.talk(['watch', 'w/', '--prefix', '-w', 'fields'], endpoints)
    const seen = () => watch.lines.join('\n')
    await eventually(async () => {
      await put(cluster, 'w/ready', 'yes')
      expect(seen()).toContain('"Key" : "w/ready"')
    })
    await loseLeader(cluster)
    for (let n = 0; n < 10; n++) await put(cluster, 'w/k', `${n}`)
    await cluster.run(leader.name)
    await put(cluster, 'w/k', 'last')
    await eventually(() => expect(seen()).toContain('"Value" : "last"'))
    // Each write of the key made a version of it; one that was tried again may have made two.
    const [last = 0] = versionsIn(await cluster.ctl('get', 'w/k', '-w', 'fields'))
    expect(last).toBeGreaterThan(10)
    expect(versionsIn(seen())).toEqual(Array.from({ length: last }, (_, i) => i + 1))
  })

  it('a lease that is kept alive lives on, and another one ends', { timeout: 60_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const grant = async (ttl: string) =>
      /^lease ([0-9a-f]+) granted/.exec(await cluster.ctl('lease', 'grant', ttl))?.[1] ?? ''
    const [kept, left] = [await grant('5'), await grant('5')]
    await cluster.ctl('put', 'kept', 'yes', '--lease', kept)
    await cluster.ctl('put', 'left', 'no', '--lease', left)
    const keepAlive = cluster.talk(['lease', 'keep-alive', kept])
    await keepAlive.said(/keepalived with TTL\(5\)/)
    await loseLeader(cluster)
    const before = keepAlive.lines.length
    await eventually(() => expect(keepAlive.lines.length).toBeGreaterThan(before + 1))
    await eventually(async () => expect(await cluster.ctl('get', 'left')).toBe(''))
    expect(await cluster.ctl('get', 'kept')).toBe('kept\nyes\n')
    expect(await cluster.ctl('lease', 'timetolive', left)).toBe(`lease ${left} already expired\n`)
    expect(await cluster.ctl('lease', 'timetolive', kept, '--keys')).toMatch(
      /granted with TTL\(5s\), remaining\([1-5]s\), attached keys\(\[kept\]\)/,
    )
    expect(keepAlive.lines.join('\n')).not.toContain('expired')
  })

  it('a lock is held, and the next in line gets it after', { timeout: 60_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const first = cluster.talk(['lock', 'mutex', '--ttl', '10'])
    const owner = await first.said(/^mutex\//)
    const second = cluster.talk(['lock', 'mutex', '--ttl', '10'])
    await eventually(async () => {
      const keys = await cluster.ctl('get', 'mutex/', '--prefix', '--keys-only')
      expect(keys.split('\n').filter(Boolean)).toHaveLength(2)
    })
    await loseLeader(cluster)
    await put(cluster, 'time', 'passes')
    expect(second.lines.join('\n')).not.toMatch(/^mutex\//m)
    first.kill('SIGINT')
    const next = await second.said(/^mutex\//, 30_000)
    expect(next).not.toBe(owner)
  })

  it('who was elected stays so, and is followed by the next', { timeout: 60_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    const first = cluster.talk(['elect', 'office', 'one'])
    await first.said('one')
    const second = cluster.talk(['elect', 'office', 'two'])
    const observer = cluster.talk(['elect', '-l', 'office'])
    await observer.said('one')
    await loseLeader(cluster)
    await put(cluster, 'time', 'passes')
    expect(second.lines).not.toContain('two')
    first.kill('SIGINT')
    await second.said('two', 30_000)
    await observer.said('two', 30_000)
  })
})

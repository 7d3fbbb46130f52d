import { describe, expect, it } from 'vitest'
import { Etcd } from '../../support/etcd.js'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { eventually } from '../../support/eventually.js'
import { onPath } from '../../support/judges.js'

const etcd = onPath('etcd')

describe.skipIf(etcd === undefined || onPath('etcdctl') === undefined)('etcdctl', () => {
  it('make-mirror copies us to a real etcd, across a leader’s death', async () => {
    await using cluster = await EtcdCluster.start(3)
    await using real = await Etcd.start(etcd ?? '')
    for (let n = 0; n < 5; n++) await cluster.ctl('put', `m/old${n}`, `${n}`)
    cluster.talk(['make-mirror', real.url.replace('http://', ''), '--prefix', 'm/'])
    const everything = ['get', 'm/', '--prefix']
    const mirrored = () =>
      eventually(async () =>
        expect(await real.ctl(...everything)).toBe(await cluster.ctl(...everything)),
      )
    await mirrored()
    await cluster.ctl('put', 'm/new', 'live')
    await cluster.ctl('del', 'm/old0')
    await mirrored()
    const { name } = await cluster.leader()
    await cluster.kill(name)
    for (let n = 0; n < 5; n++)
      await eventually(() => cluster.ctl('put', `m/after${n}`, `${n}`, '--command-timeout=2s'))
    await cluster.ctl('put', 'other', 'not mirrored')
    await mirrored()
    expect(await real.ctl('get', 'other')).toBe('')
  }, 60_000)

  it('txn -i is a conversation', async () => {
    await using cluster = await EtcdCluster.start(1)
    await cluster.ctl('put', 'k', 'v')
    const stdin = 'value("k") = "v"\n\nput k w\nget k\n\nget nothing\n\n'
    const done = await cluster.attempt(['txn', '-i'], { stdin })
    expect(done.stdout).toContain('SUCCESS')
    expect(done.stdout).toMatch(/OK\n\nk\nw\n$/)
    const again = await cluster.attempt(['txn', '-i'], { stdin })
    expect(again.stdout).toContain('FAILURE')
  })
})

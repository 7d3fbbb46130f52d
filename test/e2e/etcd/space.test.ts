import { describe, expect, it } from 'vitest'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { etcdctl } from '../../support/etcd-program.js'

const QUOTA_BYTES = 2 * 1024 * 1024
const VALUE = 'x'.repeat(100 * 1024)

describe.skipIf(etcdctl === undefined)('a database that is full', () => {
  it('takes nothing more until it is compacted and disarmed', { timeout: 60_000 }, async () => {
    await using cluster = await EtcdCluster.start(3, [`--quota-backend-bytes=${QUOTA_BYTES}`])
    await cluster.ctl('put', 'other', 'small')
    const { client } = cluster.connect()
    // One key: nearly all of it is history.
    let refused: unknown
    for (let n = 0; n < 40 && refused === undefined; n++)
      await client.put('big', Buffer.from(VALUE)).catch((error: unknown) => {
        refused = error
      })
    expect(refused).toMatchObject({ code: 'NoSpace' })

    const put = await cluster.attempt(['put', 'small', 'too'])
    expect(put.stderr).toContain('etcdserver: mvcc: database space exceeded')
    expect(put.exit).not.toBe(0)
    expect(await cluster.ctl('alarm', 'list')).toMatch(/^(memberID:\d+ alarm:NOSPACE \n?)+$/)
    expect(await cluster.ctl('get', 'other')).toBe('other\nsmall\n')
    const health = await fetch(`${cluster.member('a').clientUrl}/health`)
    expect(health.status).toBe(503)
    expect(await health.json()).toMatchObject({ health: 'false', reason: 'ALARM NOSPACE' })
    const status = await cluster.ctl('endpoint', 'status', '-w', 'json')
    expect(JSON.parse(status)[0].Status.errors[0]).toMatch(/alarm:NOSPACE/)

    const { header } = await client.status()
    expect(await cluster.ctl('compaction', String(header.revision), '--physical')).toBe(
      `compacted revision ${header.revision}\n`,
    )
    expect(await cluster.ctl('defrag', '--cluster')).toMatch(
      /^(Finished defragmenting etcd member\[.*\]\n){3}$/,
    )
    expect(await cluster.ctl('alarm', 'disarm')).toMatch(/alarm:NOSPACE/)
    expect(await cluster.ctl('alarm', 'list')).toBe('')
    expect(await cluster.ctl('put', 'small', 'now')).toBe('OK\n')
    expect((await fetch(`${cluster.member('a').clientUrl}/health`)).status).toBe(200)
  })
})

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Etcd } from '../../support/etcd.js'
import { EtcdCluster } from '../../support/etcd-cluster.js'
import { eventually } from '../../support/eventually.js'
import { onPath, run } from '../../support/judges.js'
import { sameHashes } from './hashes.js'

const ETCDUTL = fileURLToPath(
  new URL('../../../packages/store/src/etcdutl/main.ts', import.meta.url),
)
const etcd = onPath('etcd')

async function succeed(program: string, args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(program, [...args], { env: { ETCDCTL_API: '3' } })
  if (exit !== 0) throw new Error(`${program} ${args.join(' ')} exits with ${exit}: ${stderr}`)
  return stdout
}

const etcdutl = (...args: string[]) =>
  succeed(process.execPath, ['--import', 'tsx', ETCDUTL, ...args])

interface HashAnswer {
  readonly HashKV: { readonly hash: number }
}

async function hashOf(url: string, revision: number): Promise<number | undefined> {
  const args = ['endpoint', 'hashkv', `--endpoints=${url}`, `--rev=${revision}`, '-w', 'json']
  const [answer] = JSON.parse(await succeed('etcdctl', args)) as HashAnswer[]
  return answer?.HashKV.hash
}

describe.skipIf(etcd === undefined || onPath('etcdctl') === undefined)('a snapshot', () => {
  it('of three of ours becomes a real etcd', { timeout: 90_000 }, async () => {
    await using cluster = await EtcdCluster.start(3)
    for (let n = 0; n < 30; n++) await cluster.ctl('put', `k${n % 7}`, `v${n}`)
    await cluster.ctl('del', 'k3')
    await cluster.ctl('compaction', '9')
    const { revision, hash } = await sameHashes(cluster, 3)
    const file = join(cluster.processes.folder, 'ours.db')
    const [follower] = await cluster.followers()
    expect(await cluster.ctlAt(follower?.name ?? '', 'snapshot', 'save', file)).toContain(
      `Snapshot saved at ${file}`,
    )
    const status = JSON.parse(await succeed('etcdctl', ['snapshot', 'status', file, '-w', 'json']))
    expect(status).toMatchObject({ revision, totalKey: expect.any(Number) })
    expect(JSON.parse(await etcdutl('snapshot', 'status', file, '-w', 'json'))).toMatchObject(
      status,
    )
    await using real = await Etcd.restore(etcd ?? '', file)
    expect(await hashOf(real.url, revision)).toBe(hash)
    expect(await real.ctl('get', 'k2')).toBe(await cluster.ctl('get', 'k2'))
  })

  it('of a real etcd becomes three of ours', { timeout: 90_000 }, async () => {
    await using real = await Etcd.start(etcd ?? '')
    for (let n = 0; n < 30; n++) await real.ctl('put', `k${n % 7}`, `v${n}`)
    await real.ctl('del', 'k3')
    await real.ctl('compaction', '9')
    await using cluster = await EtcdCluster.prepare(3)
    const { processes } = cluster
    const file = join(processes.folder, 'theirs.db')
    await real.ctl('snapshot', 'save', file)
    for (const name of cluster.names)
      await etcdutl(
        ...['snapshot', 'restore', file, '--name', name, '--data-dir', processes.dataDir(name)],
        ...['--initial-cluster', processes.initialCluster],
        ...['--initial-advertise-peer-urls', processes.peerUrl(name)],
      )
    await cluster.runAll(cluster.names)
    const { revision, hash } = await sameHashes(cluster, 3)
    expect(hash).toBe(await hashOf(real.url, revision))
    expect(await cluster.ctl('get', '', '--prefix')).toBe(await real.ctl('get', '', '--prefix'))
    expect(await eventually(() => cluster.ctl('put', 'k3', 'again'))).toBe('OK\n')
  })
})

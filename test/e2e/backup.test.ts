import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { EtcdProcesses } from '../support/etcd-program.js'
import { eventually } from '../support/eventually.js'
import { judgesRequired, onPath, run } from '../support/judges.js'
import { deployment, isReady } from '../support/workloads.js'

const ETCDUTL = fileURLToPath(new URL('../../packages/store/src/etcdutl/main.ts', import.meta.url))
const IN_DEFAULT = { namespace: 'default' }
const MEMBERS = ['a', 'b', 'c']

async function succeed(program: string, args: string[]): Promise<void> {
  const { exit, stderr } = await run(program, args, { env: { ETCDCTL_API: '3' } })
  if (exit !== 0) throw new Error(`${program} ${args.join(' ')} exits with ${exit}: ${stderr}`)
}

const etcdutl = (...args: string[]) =>
  succeed(process.execPath, ['--import', 'tsx', ETCDUTL, ...args])

const startPlane = (etcd: EtcdProcesses) =>
  startControlPlane({ https: false, etcd: { servers: etcd.endpoints.split(',') } })
type Plane = Awaited<ReturnType<typeof startPlane>>

const untilReady = ({ client }: Plane, name: string, replicas: number) =>
  eventually(async () => {
    const { items } = await client.of(resources.pods).list(IN_DEFAULT)
    const ready = items.filter((pod) => pod.metadata.labels?.app === name && isReady(pod))
    expect(ready).toHaveLength(replicas)
  })

/** docs/guides/backup.md, done. */
describe.skipIf(onPath('etcdctl') === undefined && !judgesRequired)(
  'a cluster that was lost',
  () => {
    it('is restored from a backup, with its Deployments', { timeout: 120_000 }, async () => {
      await using etcd = await EtcdProcesses.of(...MEMBERS)
      const backup = join(etcd.folder, 'backup.db')
      const members = await etcd.startAll()
      const plane = await startPlane(etcd)
      await plane.client.of(resources.deployments).create(deployment('web', 3))
      await untilReady(plane, 'web', 3)
      const before = await plane.client.of(resources.deployments).get('web', IN_DEFAULT)
      await succeed('etcdctl', ['--endpoints', etcd.clientUrl('b'), 'snapshot', 'save', backup])
      await plane.close()

      for (const member of members) member.kill('SIGKILL')
      for (const { name, ended } of members) {
        await ended
        await rm(etcd.dataDir(name), { recursive: true })
      }
      for (const name of MEMBERS) {
        await etcdutl(
          ...['snapshot', 'restore', backup, '--name', name, '--data-dir', etcd.dataDir(name)],
          ...['--initial-cluster', etcd.initialCluster],
          ...['--initial-advertise-peer-urls', etcd.peerUrl(name)],
          ...['--bump-revision', '1000000', '--mark-compacted'],
        )
      }
      await etcd.startAll()

      await using again = await startPlane(etcd)
      const deployments = again.client.of(resources.deployments)
      const after = await deployments.get('web', IN_DEFAULT)
      expect(after.metadata.uid).toBe(before.metadata.uid)
      expect(after.spec).toEqual(before.spec)
      const scaled = await deployments.patch(
        'web',
        { spec: { replicas: 5 } },
        { ...IN_DEFAULT, type: 'merge' },
      )
      expect(Number(scaled.metadata.resourceVersion)).toBeGreaterThan(1_000_000)
      await untilReady(again, 'web', 5)
    })
  },
)

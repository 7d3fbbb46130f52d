import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Etcd, type EtcdConfig, startEtcd } from './index.js'

export interface TestEtcd extends AsyncDisposable {
  readonly etcd: Etcd
  /** The first of its client URLs. */
  readonly url: string
  readonly folder: string
}

const ANY = 'http://127.0.0.1:0'

/** A member on free ports, with its data in a folder of its own. */
export async function openTestEtcd(config: EtcdConfig = {}): Promise<TestEtcd> {
  const folder = mkdtempSync(join(tmpdir(), 'etcd-test-'))
  const etcd = await startEtcd({
    'data-dir': join(folder, 'data'),
    'log-outputs': [join(folder, 'log')],
    'listen-client-urls': [ANY],
    'advertise-client-urls': [ANY],
    'listen-peer-urls': [ANY],
    'initial-advertise-peer-urls': [ANY],
    'initial-cluster': `default=${ANY}`,
    'unsafe-no-fsync': true,
    ...config,
  })
  return {
    etcd,
    url: etcd.clientUrls[0] as string,
    folder,
    async [Symbol.asyncDispose]() {
      await etcd.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

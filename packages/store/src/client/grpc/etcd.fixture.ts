import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Metadata } from '@grpc/grpc-js'
import { RealEtcd } from '../../judges/real-etcd.fixture.js'
import { startEtcd } from '../../server/index.js'
import { systemClock } from '../../server/system-clock.js'
import { HashKVRequest, HashKVResponse } from '../../wire/maintenance.js'
import type { StoreFixture } from '../store-fixture.js'
import { connectStore } from './connect-store.js'
import { Endpoint } from './endpoint.js'
import { method } from './methods.js'
import { defaultGrpcLimits } from './options.js'

export interface EtcdFixture extends StoreFixture {
  readonly url: string
  /** For requests that no client makes. */
  readonly endpoint: Endpoint
  /** A checksum over keys, values and their revisions. */
  hashKv(): Promise<{ readonly hash: number; readonly compactRevision: number }>
}

export interface EtcdFixtureOptions {
  readonly txnOpsMax?: number
}

/** Timings at which a member of one is ready in 50 ms, and leases are at least a second long. */
const TIMINGS = { 'heartbeat-interval': 20, 'election-timeout': 200 } as const

/** A client of a real etcd that nobody else uses. */
export async function openOnRealEtcd(
  path: string,
  { txnOpsMax = 128 }: EtcdFixtureOptions = {},
): Promise<EtcdFixture> {
  const timings = Object.entries(TIMINGS).map(([name, value]) => `--${name}=${value}`)
  const etcd = await RealEtcd.start(path, [...timings, `--max-txn-ops=${txnOpsMax}`])
  return fixtureOn(etcd.url, () => etcd[Symbol.asyncDispose]())
}

/** A client of our own member with all that it has: disk, log, gRPC. */
export async function openOnOurEtcd({
  txnOpsMax = 128,
}: EtcdFixtureOptions = {}): Promise<EtcdFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'our-etcd-'))
  const anyPort = ['http://127.0.0.1:0']
  const etcd = await startEtcd({
    ...TIMINGS,
    'data-dir': folder,
    'max-txn-ops': txnOpsMax,
    'listen-client-urls': anyPort,
    'advertise-client-urls': anyPort,
    'listen-peer-urls': anyPort,
    'initial-advertise-peer-urls': anyPort,
    'initial-cluster': 'default=http://127.0.0.1:0',
    'unsafe-no-fsync': true,
    'log-level': 'error',
  })
  return fixtureOn(etcd.clientUrls[0] ?? '', async () => {
    await etcd.close()
    await rm(folder, { recursive: true, force: true })
  })
}

const hashKv = method('Maintenance/HashKV', HashKVRequest, HashKVResponse)

function fixtureOn(url: string, dispose: () => Promise<void>): EtcdFixture {
  const store = connectStore({ endpoints: [url], clock: systemClock })
  const endpoint = new Endpoint(url, undefined, defaultGrpcLimits)
  return {
    url,
    endpoint,
    client: store.client,
    advance: (ms) => new Promise((resolve) => systemClock.setTimer(ms, resolve)),
    close: () => store.close(),
    async hashKv() {
      const { hash, compactRevision } = await endpoint.ask(hashKv, {}, new Metadata()).answer
      return { hash, compactRevision }
    },
    async [Symbol.asyncDispose]() {
      endpoint.close()
      await store.close()
      await dispose()
    },
  }
}

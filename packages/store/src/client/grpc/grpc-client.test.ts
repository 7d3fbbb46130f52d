import { describe } from 'vitest'
import { etcdPath, RealEtcd } from '../../judges/real-etcd.fixture.js'
import { systemClock } from '../../server/system-clock.js'
import { storeClientSuite } from '../store-client.suite.js'
import type { StoreFixture } from '../store-fixture.js'
import { connectStore } from './connect-store.js'

const path = etcdPath()

/** Timings at which a member of one is ready in 50 ms, and leases are at least two seconds long. */
const flags = ['--heartbeat-interval=20', '--election-timeout=200']

/** An etcd of its own for each test: revisions start anew. */
async function openOnEtcd(etcdPath: string): Promise<StoreFixture> {
  const etcd = await RealEtcd.start(etcdPath, flags)
  const store = connectStore({ endpoints: [etcd.url], clock: systemClock })
  return {
    client: store.client,
    advance: (ms) => new Promise((resolve) => systemClock.setTimer(ms, resolve)),
    close: () => store.close(),
    async [Symbol.asyncDispose]() {
      await store.close()
      await etcd[Symbol.asyncDispose]()
    },
  }
}

describe.skipIf(path === undefined)('on a real etcd', () => {
  storeClientSuite('gRPC to a real etcd', () => openOnEtcd(path as string))
})

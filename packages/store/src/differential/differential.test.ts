import { describe, it } from 'vitest'
import { connectStore } from '../client/grpc/connect-store.js'
import type { StoreFixture } from '../client/store-fixture.js'
import { HeldClock } from '../clock.fixture.js'
import { openEmbeddedStore } from '../embedded.js'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { systemClock } from '../server/system-clock.js'
import { systemRandom } from '../server/system-random.js'
import { TXN_OPS_MAX } from './arbitrary.js'
import { assertAlike } from './compare-stores.js'

const path = etcdPath()
const { MINIPLANE_SEED, MINIPLANE_SEEDS, MINIPLANE_MINUTES } = process.env
const limitMs = MINIPLANE_MINUTES === undefined ? 12_000 : Number(MINIPLANE_MINUTES) * 60_000

async function openEmbedded(): Promise<StoreFixture> {
  const clock = new HeldClock()
  const store = openEmbeddedStore({
    clock,
    limits: { txnOpsMax: TXN_OPS_MAX, leaseTtlSecondsMin: 1 },
  })
  return {
    client: store.client,
    advance: async (ms) => clock.advance(ms),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

async function openEtcd(): Promise<StoreFixture> {
  const flags = [
    '--heartbeat-interval=20',
    '--election-timeout=200',
    `--max-txn-ops=${TXN_OPS_MAX}`,
  ]
  const etcd = await RealEtcd.start(path as string, flags)
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

// A failure names its seed: MINIPLANE_SEED=… repeats it, MINIPLANE_MINUTES and _SEEDS look further.
describe.skipIf(path === undefined)('side by side with a real etcd', () => {
  const seed = MINIPLANE_SEED === undefined ? systemRandom.below(2 ** 31) : Number(MINIPLANE_SEED)
  const runs = Number(MINIPLANE_SEEDS ?? 1000)

  it('the embedded store answers alike', { timeout: limitMs + 60_000 }, async () => {
    const deadlineMs = systemClock.now() + limitMs
    const isTimeUp = () => systemClock.now() > deadlineMs
    await assertAlike(openEmbedded, openEtcd, { seed, runs, isTimeUp })
  })
})

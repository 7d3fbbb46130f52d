import { describe, it } from 'vitest'
import { openOnOurEtcd, openOnRealEtcd } from '../client/grpc/etcd.fixture.js'
import type { StoreFixture } from '../client/store-fixture.js'
import { HeldClock } from '../clock.fixture.js'
import { openEmbeddedStore } from '../embedded.js'
import { etcdPath } from '../judges/real-etcd.fixture.js'
import { systemClock } from '../server/system-clock.js'
import { systemRandom } from '../server/system-random.js'
import { operations, TXN_OPS_MAX } from './arbitrary.js'
import { compareStores, type OpenContestant } from './compare-stores.js'
import { compareRaw, rawRequests } from './raw-requests.js'
import { assertAlike } from './search.js'

const path = etcdPath()
const { MINIPLANE_SEED, MINIPLANE_SEEDS, MINIPLANE_MINUTES } = process.env
const limitMs = MINIPLANE_MINUTES === undefined ? 3000 : Number(MINIPLANE_MINUTES) * 60_000

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

// A failure names its seed: MINIPLANE_SEED=… repeats it, MINIPLANE_MINUTES and _SEEDS look further.
describe.skipIf(path === undefined)('side by side with a real etcd', () => {
  const seed = MINIPLANE_SEED === undefined ? systemRandom.below(2 ** 31) : Number(MINIPLANE_SEED)
  const runs = Number(MINIPLANE_SEEDS ?? 1000)

  const judgeWith = { txnOpsMax: TXN_OPS_MAX }
  const openOurs = () => openOnOurEtcd(judgeWith)
  const openJudge = () => openOnRealEtcd(path as string, judgeWith)
  const until = (deadlineMs: number) => ({
    seed,
    runs,
    isTimeUp: () => systemClock.now() > deadlineMs,
  })

  it.each<[string, OpenContestant]>([
    ['the embedded store', openEmbedded],
    ['our etcd over gRPC', openOurs],
  ])('%s answers alike', { timeout: limitMs + 60_000 }, async (_name, open) => {
    const options = until(systemClock.now() + limitMs)
    await assertAlike(operations, (sequence) => compareStores(sequence, open, openJudge), options)
  })

  it('our etcd refuses alike', { timeout: limitMs + 60_000 }, async () => {
    const options = until(systemClock.now() + limitMs)
    await assertAlike(rawRequests, (sequence) => compareRaw(sequence, openOurs, openJudge), options)
  })
})

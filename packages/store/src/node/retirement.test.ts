import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../simulation/seeded-random.js'
import { SimulatedTime } from '../simulation/simulated-clock.js'
import { SimulatedCluster } from '../simulation/simulated-cluster.js'
import { calmNetwork, SimulatedNetwork } from '../simulation/simulated-network.js'

function clusterOf(size: number, seed: number) {
  const time = new SimulatedTime()
  const random = new SeededRandom(seed)
  const network = new SimulatedNetwork(time, random.fork())
  const cluster = new SimulatedCluster({
    size,
    time,
    random: random.fork(),
    network,
    disk: { latency: { operationMs: [0.02, 0.3], syncMs: [0.2, 4] } },
    disksIgnoreSync: false,
    clockSkew: 0,
    member: { strictReconfigCheck: false },
    onFailure: (what) => {
      throw new Error(what)
    },
  })
  return { time, network, cluster }
}

describe('a leader that is removed', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1)

  it.each(seeds)('leaves a cluster of one that works, on a bad network (%i)', async (seed) => {
    const { time, network, cluster } = clusterOf(2, seed)
    const starting = cluster.start()
    await time.runUntil(5000, () => cluster.leader?.member?.isReady === true)
    await starting
    const { leader } = cluster
    const heir = cluster.machines.find((machine) => machine !== leader)
    if (leader?.member === undefined || heir === undefined) throw new Error('nobody leads')
    await time.runUntil(time.nowMs + 1000)
    network.faults = { ...calmNetwork, loss: 0.3 }
    leader.member.server.cluster.memberRemove(leader.id, {}).catch(() => {
      // Its leader may be gone before it can answer.
    })
    await time.runUntil(time.nowMs + 10_000, () => heir.member?.leader === heir.id)
    expect(heir.member?.leader).toBe(heir.id)
    expect(heir.member?.membership.members.map(({ id }) => id)).toEqual([heir.id])
    await time.runUntil(time.nowMs + 2000)
    expect(leader.stopReason).toBe('removed')
  })
})

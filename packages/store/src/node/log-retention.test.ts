import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { noPeers } from '../peer/no-peers.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { type Member, openMember } from './member.js'

const founder = {
  id: 1n,
  name: 'm1',
  peerUrls: ['http://m1:2380'],
  clientUrls: [],
  isLearner: false,
}

const openAlone = (): Promise<Member> =>
  openMember({
    name: 'm1',
    clientUrls: [],
    bootstrap: async () => ({
      memberId: 1n,
      clusterId: 1n,
      members: [founder],
      isNewCluster: true,
    }),
    openTransport: () => noPeers,
    clock: new HeldClock(),
    random: new SeededRandom(1),
  })

async function put(member: Member, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await member.client.put(`k${n % 10}`, Buffer.from('v'))
}

const kept = ({ raftStatus: { firstIndex, lastIndex } }: Member) => lastIndex - firstIndex + 1

describe('applied entries', () => {
  it('are forgotten soon by a member that is alone', async () => {
    await using member = await openAlone()
    await put(member, 1000)
    expect(kept(member)).toBeLessThan(200)
  })

  it('are kept for others as soon as there are any', async () => {
    await using member = await openAlone()
    await put(member, 1000)
    await member.server.cluster.memberAdd(['http://m2:2380'], true, {})
    await put(member, 1000)
    expect(kept(member)).toBeGreaterThan(1000)
  })
})

import { storeClientSuite } from '../client/store-client.suite.js'
import { HeldClock } from '../clock.fixture.js'
import { noPeers } from '../peer/no-peers.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { openMember } from './member.js'

const founder = {
  id: 1n,
  name: 'alone',
  peerUrls: ['http://alone:2380'],
  clientUrls: [],
  isLearner: false,
}

storeClientSuite('a member that is a cluster of its own', async () => {
  const clock = new HeldClock()
  const member = await openMember({
    name: 'alone',
    clientUrls: [],
    bootstrap: async () => ({
      memberId: 1n,
      clusterId: 1n,
      members: [founder],
      isNewCluster: true,
    }),
    openTransport: () => noPeers,
    clock,
    random: new SeededRandom(1),
  })
  return {
    client: member.client,
    advance: async (ms) => clock.advance(ms),
    close: () => member.close(),
    [Symbol.asyncDispose]: () => member.close(),
  }
})

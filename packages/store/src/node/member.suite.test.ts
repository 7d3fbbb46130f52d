import { storeClientSuite } from '../client/store-client.suite.js'
import { HeldClock } from '../clock.fixture.js'
import type { PeerTransport } from '../peer/transport.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { openMember } from './member.js'

/** There is nobody to talk to. */
const alone: PeerTransport = {
  addPeer() {},
  updatePeer() {},
  removePeer() {},
  send() {},
  activeSince: () => undefined,
  call: () => Promise.reject(new Error('there are no peers')),
  close: async () => undefined,
}

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
    openTransport: () => alone,
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

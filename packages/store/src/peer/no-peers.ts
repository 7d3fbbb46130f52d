import type { PeerTransport } from './transport.js'

/** Of a member that is a cluster of its own: there is nobody to talk to. */
export const noPeers: PeerTransport = {
  addPeer() {},
  updatePeer() {},
  removePeer() {},
  send() {},
  activeSince: () => undefined,
  call: () => Promise.reject(new Error('a member of its own cluster has no peers')),
  close: async () => undefined,
}

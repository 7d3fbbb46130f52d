import { readFileSync } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../eventually.fixture.js'
import { silentLog } from '../../log.js'
import type { Message } from '../../raft/types.js'
import { createPki, type Pki } from '../../server/pki.fixture.js'
import { systemClock } from '../../server/system-clock.js'
import { fetchMembers } from './fetch-members.js'
import { introduce, PeerNode } from './peer-node.fixture.js'

async function issue(pki: Pki, name: string): Promise<SecureContextOptions> {
  const { cert, key } = await pki.issue(name, name)
  return { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(pki.ca) }
}

const heartbeat = (from: bigint, to: bigint): Message => ({
  type: 'MsgHeartbeat',
  from,
  to,
  term: 7,
})

describe('peers over TLS', () => {
  it('talk to whom their authority has signed, both ways', async () => {
    using pki = await createPki()
    const [ofA, ofB] = [await issue(pki, 'a'), await issue(pki, 'b')]
    await using a = await PeerNode.open({ id: 1n, tls: () => ofA })
    await using b = await PeerNode.open({ id: 2n, tls: () => ofB })
    introduce(a, b)
    await eventually(() => b.peers.activeSince(1n) !== undefined)
    a.peers.send([heartbeat(1n, 2n)])
    b.peers.send([heartbeat(2n, 1n)])
    await eventually(() => a.received.length === 1 && b.received.length === 1)
    const options = { clock: systemClock, log: silentLog, tls: () => ofA }
    expect(await fetchMembers([b.url], options)).toEqual({ clusterId: 0xc1n, members: [] })
  })

  it('do not talk to whom another authority has signed, in either direction', async () => {
    using ours = await createPki()
    using theirs = await createPki()
    const [ofA, ofB] = [await issue(ours, 'a'), await issue(theirs, 'b')]
    await using a = await PeerNode.open({ id: 1n, tls: () => ofA })
    await using b = await PeerNode.open({ id: 2n, tls: () => ofB })
    introduce(a, b)
    a.peers.send([heartbeat(1n, 2n)])
    b.peers.send([heartbeat(2n, 1n)])
    await eventually(() => a.unreachable.length > 0 && b.unreachable.length > 0)
    expect([a.received, b.received]).toEqual([[], []])
    expect([a.peers.activeSince(2n), b.peers.activeSince(1n)]).toEqual([undefined, undefined])
  })

  it('show their newest certificate with the next connection', async () => {
    using old = await createPki()
    using renewed = await createPki()
    let ofA = await issue(old, 'a')
    const ofB = await issue(renewed, 'b')
    await using a = await PeerNode.open({ id: 1n, tls: () => ofA })
    await using b = await PeerNode.open({ id: 2n, tls: () => ofB })
    a.peers.addPeer(2n, [b.url])
    a.peers.send([heartbeat(1n, 2n)])
    await eventually(() => a.unreachable.length > 0)
    ofA = await issue(renewed, 'a')
    await eventually(() => {
      a.peers.send([heartbeat(1n, 2n)])
      return b.received.length > 0
    })
  })
})

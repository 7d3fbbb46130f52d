import { describe, expect, it } from 'vitest'
import { eventually, sleep } from '../../eventually.fixture.js'
import type { Message } from '../../raft/types.js'
import { connected, PeerNode } from './peer-node.fixture.js'

describe('snapshots between members', () => {
  const snap = (from: bigint, to: bigint): Message => ({
    type: 'MsgSnap',
    from,
    to,
    term: 7,
    snapshot: { data: new Uint8Array(0), metadata: { index: 9, term: 7 } },
  })
  const MIB = 1024 * 1024

  it('a large one goes as fast as it is taken, and is never in memory as a whole', async () => {
    let produced = 0
    let taken = 0
    let maxAhead = 0
    const sizeBytes = 64 * MIB
    async function* chunks() {
      while (produced < sizeBytes) {
        produced += MIB / 4
        maxAhead = Math.max(maxAhead, produced - taken)
        yield Buffer.alloc(MIB / 4, produced / (MIB / 4))
      }
    }
    await using a = await PeerNode.open({
      id: 1n,
      handler: { openSnapshot: () => Promise.resolve({ sizeBytes, chunks: chunks() }) },
    })
    await using b = await PeerNode.open({
      id: 2n,
      handler: {
        receiveSnapshot: async (_, incoming) => {
          for await (const chunk of incoming) {
            taken += chunk.length
            await sleep(0)
          }
        },
      },
    })
    await connected(a, b)
    a.peers.send([snap(1n, 2n)])
    await eventually(() => a.snapshots.length > 0, 20_000)
    expect(a.snapshots).toEqual([[2n, true]])
    expect(taken).toBe(sizeBytes)
    // What the sockets of both sides hold, and no more.
    expect(maxAhead).toBeLessThan(sizeBytes / 3)
  })

  it.each([
    ['cannot be made', { openSnapshot: () => Promise.reject(new Error('no disk')) }, {}],
    [
      'breaks off',
      {
        openSnapshot: () =>
          Promise.resolve({
            sizeBytes: 1000,
            chunks: (async function* () {
              yield Buffer.alloc(10)
              throw new Error('no disk')
            })(),
          }),
      },
      {},
    ],
    [
      'cannot be stored',
      {
        openSnapshot: () =>
          Promise.resolve({
            sizeBytes: 2,
            chunks: (async function* () {
              yield Buffer.alloc(2)
            })(),
          }),
      },
      { receiveSnapshot: () => Promise.reject(new Error('no space')) },
    ],
  ])('one that %s is reported', async (_, sender, receiver) => {
    await using a = await PeerNode.open({ id: 1n, handler: sender })
    await using b = await PeerNode.open({ id: 2n, handler: receiver })
    await connected(a, b)
    a.peers.send([snap(1n, 2n)])
    await eventually(() => a.snapshots.length > 0)
    expect(a.snapshots).toEqual([[2n, false]])
    expect(b.received).toEqual([])
  })

  it('a second one for the same peer is refused meanwhile', async () => {
    const chunks = async function* () {
      await sleep(100)
      yield Buffer.alloc(2)
    }
    const openSnapshot = () => Promise.resolve({ sizeBytes: 2, chunks: chunks() })
    await using a = await PeerNode.open({ id: 1n, handler: { openSnapshot } })
    await using b = await PeerNode.open({ id: 2n })
    await connected(a, b)
    a.peers.send([snap(1n, 2n), snap(1n, 2n), snap(1n, 3n)])
    await eventually(() => a.snapshots.length === 3)
    expect(a.snapshots).toEqual([
      [2n, false],
      [3n, false],
      [2n, true],
    ])
    expect(b.received).toMatchObject([{ type: 'MsgSnap', snapshot: { metadata: { index: 9 } } }])
  })
})

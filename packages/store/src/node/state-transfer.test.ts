import { describe, expect, it } from 'vitest'
import type { LoadedState, StateView } from '../backend/state.js'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import type { Message } from '../raft/types.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { SnapshotStore } from '../snapshot/snapshot-store.js'
import { StateTransfer } from './state-transfer.js'

const term = 3

async function storeOn(disk: SimulatedDisk): Promise<SnapshotStore> {
  await disk.makeFolder('snap')
  return new SnapshotStore(disk, 'snap')
}

const newDisk = () => new SimulatedDisk({ random: new SeededRandom(1) })

/** A state is a text here; `released` counts views. */
function transferWith(store: SnapshotStore | undefined) {
  const counts = { views: 0, released: 0 }
  const view = () => {
    counts.views++
    const release = () => void counts.released++
    const position = { appliedIndex: 7, appliedTerm: term }
    const membership = { members: [], removedMemberIds: [] }
    return { mvcc: { release }, ...position, ...membership } as unknown as StateView
  }
  const transfer = new StateTransfer({
    view,
    write: async () => ({ sizeBytes: 0, chunks: chunksOf() }),
    read: async (bytes) => Buffer.from(bytes).toString() as unknown as LoadedState,
    store,
  })
  return { transfer, counts }
}

async function* chunksOf(...texts: readonly string[]) {
  for (const text of texts) yield Buffer.from(text)
}

const snapshotAt = (index: number): Message => ({
  type: 'MsgSnap',
  to: 1n,
  from: 2n,
  term,
  snapshot: { data: new Uint8Array(0), metadata: { index, term, confState: undefined } },
})

const places: readonly [string, () => Promise<SnapshotStore | undefined>][] = [
  ['on disk', () => storeOn(newDisk())],
  ['in memory', async () => undefined],
]

describe.each(places)('a state that was received, %s', (_, open) => {
  it('is the one that its snapshot names, whatever has come since', async () => {
    const { transfer } = transferWith(await open())
    await transfer.receive(snapshotAt(10), chunksOf('ten'))
    await transfer.receive(snapshotAt(20), chunksOf('twenty'))
    expect(await transfer.take({ index: 10, term })).toEqual({ state: 'ten', sizeBytes: 3 })
    expect(await transfer.take({ index: 20, term })).toEqual({ state: 'twenty', sizeBytes: 6 })
  })

  it('that never came is an error', async () => {
    const { transfer } = transferWith(await open())
    await expect(transfer.take({ index: 10, term })).rejects.toThrow('index 10')
  })
})

it('taking one leaves alone what is being saved', async () => {
  const store = await storeOn(newDisk())
  const { transfer } = transferWith(store)
  await transfer.receive(snapshotAt(10), chunksOf('ten'))
  let goOn = () => {}
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve
  })
  async function* slowly() {
    yield Buffer.from('el')
    await waiting
    yield Buffer.from('even')
  }
  const saving = store.save({ index: 11, term }, slowly())
  expect(await transfer.take({ index: 10, term })).toEqual({ state: 'ten', sizeBytes: 3 })
  goOn()
  await saving
  expect((await store.list()).map(({ index }) => index)).toEqual([11, 10])
})

describe('a view that was attached and that nobody asked for', () => {
  it('is let go of when the transport gives up, and at the end', () => {
    const { transfer, counts } = transferWith(undefined)
    transfer.attach([snapshotAt(5)])
    transfer.forget(1n)
    expect(counts).toEqual({ views: 1, released: 1 })
    transfer.attach([
      { ...snapshotAt(5), to: 8n },
      { ...snapshotAt(5), to: 9n },
    ])
    transfer.close()
    expect(counts).toEqual({ views: 3, released: 3 })
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import { noPeers } from '../peer/no-peers.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import { type Member, openMember } from './member.js'

/** There is nobody to talk to: whoever is asked says nothing. */

const founders = [1n, 2n, 3n].map((id) => ({
  id,
  name: `m${id}`,
  peerUrls: [`http://m${id}:2380`],
  clientUrls: [],
  isLearner: false,
}))

const openOn = (clock: HeldClock, disk: SimulatedDisk, size = 1): Promise<Member> =>
  openMember({
    name: 'm1',
    clientUrls: [],
    bootstrap: async () => ({
      memberId: 1n,
      clusterId: 1n,
      members: founders.slice(0, size),
      isNewCluster: true,
    }),
    openTransport: () => noPeers,
    clock,
    random: new SeededRandom(1),
    disk,
    walSegmentBytes: 64 * 1024,
  })

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 1000) throw new Error('it never was so')
    await turn()
  }
}

const unhandled: unknown[] = []
const note = (error: unknown) => void unhandled.push(error)

beforeEach(() => void process.on('unhandledRejection', note))
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('a member that is closed', () => {
  it('leaves no timer, and everything for the next one, time after time', async () => {
    const clock = new HeldClock()
    const disk = new SimulatedDisk({ random: new SeededRandom(1) })
    const cycles = 50
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const member = await openOn(clock, disk)
      await until(() => member.isReady)
      const { id } = await member.client.leaseGrant({ ttlSeconds: 600 })
      await member.client.put(`key-${cycle}`, bytes('x'), { lease: id })
      const { kvs } = await member.client.range({ key: 'key', rangeEnd: 'kez' })
      expect(kvs).toHaveLength(cycle)
      await member.close()
      await turn()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  it('answers whoever waits, also for a leader that never came, and waits for nobody', async () => {
    const clock = new HeldClock()
    const disk = new SimulatedDisk({ random: new SeededRandom(1) })
    const member = await openOn(clock, disk, 3)
    const { server } = member
    const asked = [
      server.put({ key: 'a', value: bytes('1') }, {}),
      server.range({ key: 'a' }, {}),
      server.leaseKeepAlive(5n, {}),
      server.cluster.memberList(true, {}),
    ]
    const outcomes = Promise.allSettled(asked)
    await turn()
    await member.close()
    const late = server.cluster.memberRemove(2n, {}).catch((error: unknown) => error)
    clock.advance(100)
    await turn()
    const codes = (await outcomes).map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.code : 'an answer',
    )
    expect(codes).toEqual(['Closed', 'Closed', 'Closed', 'Closed'])
    expect(await late).toMatchObject({ name: 'StoreError' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('leaves the disk also when the log cannot be written any more', async () => {
    const clock = new HeldClock()
    const disk = new SimulatedDisk({ random: new SeededRandom(1) })
    const member = await openOn(clock, disk)
    await until(() => member.isReady)
    await member.client.put('kept', bytes('x'))
    disk.capacityBytes = disk.usedBytes
    const value = Buffer.alloc(60_000)
    const filling = Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => member.client.put(`large-${i}`, value)),
    )
    const reason = await member.stopped
    expect(reason).toMatchObject({ code: 'full' })
    await member.close()
    await filling
    disk.capacityBytes = Number.POSITIVE_INFINITY
    const again = await openOn(clock, disk)
    await until(() => again.isReady)
    expect((await again.client.range({ key: 'kept' })).kvs).toHaveLength(1)
    await again.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { prefixRange } from '../client/key-range.js'
import type { WatchBatch, WatchEnd, WatchOptions } from '../client/store-client.js'
import { linesOf, pairs } from '../client/store-fixture.js'
import { HeldClock } from '../clock.fixture.js'
import { eventLoopTurn } from '../clock.js'
import { silentLedger } from '../ledger.js'
import { defaultLimits } from '../limits.js'
import { StateMachine } from './state-machine.js'

const value = Buffer.from('v')
const MEMBER = 1n

const newMachine = (): StateMachine =>
  new StateMachine({
    clock: new HeldClock(),
    ledger: silentLedger,
    limits: { ...defaultLimits, compactRecordsPerSlice: 2 },
    yieldTurn: eventLoopTurn,
    onLeaseExpired: () => {},
  })

const put = (machine: StateMachine, key: string, lease = 0n): number =>
  machine.put({ key, value, lease }).header.revision

function watch(machine: StateMachine, options: WatchOptions = {}) {
  const batches: WatchBatch[] = []
  const ends: WatchEnd[] = []
  machine.hub.subscribe(
    prefixRange(''),
    { onBatch: (batch) => batches.push(batch), onEnd: (end) => ends.push(end) },
    options,
  )
  return { ends, lines: () => batches.flatMap(linesOf) }
}

const turn = () => new Promise(setImmediate)

describe('alarms', () => {
  const raise = (machine: StateMachine, alarm: 'nospace' | 'corrupt') =>
    machine.alarm({ action: 'activate', memberId: MEMBER, alarm })

  it('are raised once a member and type, listed and taken back', () => {
    const machine = newMachine()
    expect(raise(machine, 'nospace').alarms).toEqual([{ memberId: MEMBER, alarm: 'nospace' }])
    raise(machine, 'nospace')
    raise(machine, 'corrupt')
    const list = (alarm: 'none' | 'corrupt') =>
      machine.alarm({ action: 'get', memberId: 0n, alarm }).alarms.map((one) => one.alarm)
    expect(list('none')).toEqual(['nospace', 'corrupt'])
    expect(list('corrupt')).toEqual(['corrupt'])
    const disarm = { action: 'deactivate', memberId: MEMBER, alarm: 'nospace' } as const
    expect(machine.alarm(disarm).alarms).toHaveLength(1)
    expect(machine.alarm(disarm).alarms).toHaveLength(0)
    expect(list('none')).toEqual(['corrupt'])
  })

  it('NOSPACE refuses what takes space, whatever there is, and nothing else', async () => {
    const machine = newMachine()
    machine.leaseGrant(1n, 100)
    put(machine, 'a', 1n)
    put(machine, 'b')
    raise(machine, 'nospace')
    const refusal = 'etcdserver: mvcc: database space exceeded'
    const write = { type: 'put', key: 'a', value } as const
    expect(() => put(machine, 'a')).toThrow(refusal)
    expect(() => machine.txn({ success: [write] })).toThrow(refusal)
    expect(() => machine.txn({ failure: [{ type: 'txn', success: [write] }] })).toThrow(refusal)
    expect(() => machine.leaseGrant(2n, 100)).toThrow(refusal)
    machine.leaseRevoke(1n)
    machine.txn({ success: [{ type: 'deleteRange', key: 'b' }] })
    await machine.compact(machine.mvcc.revision)
    expect(machine.range(prefixRange('')).count).toBe(0)
  })

  it('CORRUPT refuses everything', () => {
    const machine = newMachine()
    raise(machine, 'corrupt')
    const refusal = 'etcdserver: corrupt cluster'
    expect(() => put(machine, 'a')).toThrow(refusal)
    expect(() => machine.range({ key: 'a' })).toThrow(refusal)
    expect(() => machine.deleteRange({ key: 'a' })).toThrow(refusal)
    expect(() => machine.txn({})).toThrow(refusal)
    expect(() => machine.compact(1)).toThrow(refusal)
    expect(() => machine.leaseGrant(1n, 10)).toThrow(refusal)
    expect(() => machine.leaseRevoke(1n)).toThrow(refusal)
  })
})

describe('a view', () => {
  it('stays as it is, whatever is applied later', async () => {
    const machine = newMachine()
    machine.leaseGrant(2n, 100)
    machine.leaseGrant(1n, 200)
    machine.leaseCheckpoint(2n, 50)
    put(machine, 'a')
    put(machine, 'a')
    machine.alarm({ action: 'activate', memberId: MEMBER, alarm: 'nospace' })
    const view = machine.view()
    machine.alarm({ action: 'deactivate', memberId: MEMBER, alarm: 'nospace' })
    machine.leaseRevoke(1n)
    machine.deleteRange({ key: 'a' })
    await machine.compact(machine.mvcc.revision)
    expect([...view.mvcc.records()].map(({ kv }) => kv.version)).toEqual([1, 2])
    expect(view.alarms).toEqual([{ memberId: MEMBER, alarm: 'nospace' }])
    expect(view.leases).toEqual([
      { id: 1n, ttlSeconds: 200, remainingTtlSeconds: 0 },
      { id: 2n, ttlSeconds: 100, remainingTtlSeconds: 50 },
    ])
    view.mvcc.release()
  })
})

describe('restoring', () => {
  /** The same first revisions on both; then only the leader goes on. */
  function leaderAndFollower() {
    const leader = newMachine()
    const follower = newMachine()
    for (const machine of [leader, follower]) {
      machine.leaseGrant(1n, 100)
      put(machine, 'a')
    }
    return { leader, follower }
  }

  it('jumps to the state, and watchers go on from its history', async () => {
    const { leader, follower } = leaderAndFollower()
    const synced = watch(follower)
    const late = watch(follower, { startRevision: 6 })
    put(leader, 'b', 1n)
    leader.deleteRange({ key: 'a' })
    put(leader, 'c')
    follower.restore(leader.view())
    expect(follower.header()).toEqual({ revision: 5 })
    expect(pairs(follower.range(prefixRange('')).kvs)).toEqual(['b=v', 'c=v'])
    put(follower, 'd')
    await turn()
    expect(synced.lines()).toEqual(['3 put b=v', '4 delete a', '5 put c=v', '6 put d=v'])
    expect(late.lines()).toEqual(['6 put d=v'])
    // Its leases are those of the state, with their keys.
    follower.leaseRevoke(1n)
    expect(pairs(follower.range(prefixRange('')).kvs)).toEqual(['c=v', 'd=v'])
    expect(leader.header()).toEqual({ revision: 5 })
  })

  it('ends a watcher whose history the state has no more', async () => {
    const { leader, follower } = leaderAndFollower()
    const synced = watch(follower)
    for (let n = 0; n < 5; n++) put(leader, 'b')
    await leader.compact(6)
    follower.restore(leader.view())
    await turn()
    expect(synced.ends).toEqual([{ reason: 'compacted', compactRevision: 6 }])
  })

  it('goes on with a compaction that the state was not done with', async () => {
    const { leader, follower } = leaderAndFollower()
    for (let n = 0; n < 20; n++) put(leader, 'b')
    void leader.compact(leader.mvcc.revision)
    const view = leader.view()
    expect(view.mvcc.isCompacted).toBe(false)
    follower.restore(view)
    while (!follower.mvcc.isCompacted) await turn()
    while (!leader.mvcc.isCompacted) await turn()
    expect(follower.mvcc.recordCount).toBe(2)
    expect(follower.mvcc.sizeBytes).toBe(leader.mvcc.sizeBytes)
  })

  it('begins with a state', () => {
    const { leader } = leaderAndFollower()
    put(leader, 'b', 1n)
    const opened = new StateMachine({
      clock: new HeldClock(),
      ledger: silentLedger,
      limits: defaultLimits,
      yieldTurn: eventLoopTurn,
      onLeaseExpired: () => {},
      state: leader.view(),
    })
    expect(opened.leaseTimeToLive(1n, true)).toMatchObject({ grantedTtlSeconds: 100, keys: ['b'] })
  })
})

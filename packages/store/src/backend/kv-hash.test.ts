import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prefixRange } from '../client/key-range.js'
import type { TxnRequest } from '../client/store-client.js'
import { HeldClock } from '../clock.fixture.js'
import { eventLoopTurn } from '../clock.js'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { silentLedger } from '../ledger.js'
import { defaultLimits } from '../limits.js'
import { StateMachine } from '../node/state-machine.js'
import * as wire from '../wire/kv.js'
import { txnToWire } from '../wire/txn.js'

const newMachine = () =>
  new StateMachine({
    clock: new HeldClock(),
    ledger: silentLedger,
    limits: defaultLimits,
    yieldTurn: eventLoopTurn,
    onLeaseExpired: () => {},
  })

const value = Buffer.from('v')

describe('hashKv', () => {
  it('is that of nothing but the name of the bucket, at first', async () => {
    expect(await newMachine().hashKv(0)).toEqual({
      hash: 1_084_519_789,
      compactRevision: -1,
      hashRevision: 1,
    })
  })

  it('refuses what is compacted or not yet there', async () => {
    const machine = newMachine()
    for (let n = 0; n < 3; n++) machine.put({ key: 'a', value })
    await machine.compact(3)
    await expect(machine.hashKv(2)).rejects.toMatchObject({ code: 'Compacted' })
    await expect(machine.hashKv(5)).rejects.toMatchObject({ code: 'FutureRevision' })
    expect(await machine.hashKv(3)).toMatchObject({ compactRevision: 3, hashRevision: 3 })
  })

  it('is that of the revision as of the call, whatever is written meanwhile', async () => {
    const machine = newMachine()
    for (let n = 0; n < 3000; n++) machine.put({ key: `k${n}`, value })
    const before = await machine.hashKv(0)
    const meanwhile = machine.hashKv(0)
    machine.deleteRange(prefixRange('k'))
    await machine.compact(machine.mvcc.revision)
    expect(await meanwhile).toEqual(before)
  })
})

const LEASES = [1n, 2n]
const key = fc.constantFrom('a', 'b', 'c', 'c/1', 'c/2', 'd\xff')

type Step =
  | { readonly do: 'txn'; readonly request: TxnRequest }
  | { readonly do: 'grant' | 'revoke'; readonly lease: bigint }
  /** So far back from the present. */
  | { readonly do: 'compact' | 'hash'; readonly back: number }

const put = fc.record({
  type: fc.constant('put' as const),
  key,
  value: fc.uint8Array({ maxLength: 3 }),
  lease: fc.constantFrom(0n, 0n, ...LEASES),
})

const deletion = fc.record({
  type: fc.constant('deleteRange' as const),
  key,
  rangeEnd: fc.constantFrom('', '', 'c', '\0'),
})

const back = fc.constantFrom(0, 0, 1, 2, 5, 10)

const txnOf = (ops: fc.Arbitrary<NonNullable<TxnRequest['success']>>) =>
  fc.record({ do: fc.constant('txn' as const), request: fc.record({ success: ops }) })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: txnOf(fc.uniqueArray(put, { maxLength: 3, selector: (one) => one.key })),
  },
  { weight: 3, arbitrary: txnOf(fc.tuple(deletion)) },
  // A deletion without an end may come together with puts of what it deletes.
  {
    weight: 2,
    arbitrary: txnOf(
      fc.tuple(
        put,
        deletion.map((one) => ({ ...one, rangeEnd: '\0' })),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: txnOf(
      fc.tuple(
        deletion.map((one) => ({ ...one, rangeEnd: '\0' })),
        put,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('grant' as const, 'revoke' as const),
      lease: fc.constantFrom(...LEASES),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('compact' as const, 'hash' as const), back }),
  },
)

/** What each answers, or the text of its refusal. */
type Outcome = string | number

async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return (await run()) as Outcome
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function onOurs(machine: StateMachine, one: Step, revision: number): Promise<Outcome> {
  return outcomeOf(async () => {
    if (one.do === 'txn') return machine.txn(one.request).header.revision
    if (one.do === 'grant') return machine.leaseGrant(one.lease, 1000).ttlSeconds
    if (one.do === 'revoke') return machine.leaseRevoke(one.lease).revision
    if (one.do === 'hash') return (await machine.hashKv(revision)).hash
    await machine.compact(revision)
    return machine.mvcc.revision
  })
}

const headerRevision = (answer: Record<string, unknown>): number =>
  Number((answer.header as { revision: string }).revision)

async function hashOnReal(etcd: RealEtcd, revision: number): Promise<number> {
  const answers = await etcd.ctl('endpoint', 'hashkv', `--rev=${revision}`)
  return (answers as { HashKV: { hash: number } }[])[0]?.HashKV.hash ?? Number.NaN
}

function onReal(etcd: RealEtcd, one: Step, revision: number): Promise<Outcome> {
  return outcomeOf(async () => {
    if (one.do === 'txn') {
      const request = wire.TxnRequest.toJson(txnToWire(one.request) as wire.TxnRequest)
      return headerRevision(await etcd.call('kv/txn', request))
    }
    const ID = String('lease' in one ? one.lease : 0)
    if (one.do === 'grant') return Number((await etcd.call('lease/grant', { ID, TTL: 1000 })).TTL)
    if (one.do === 'revoke') return headerRevision(await etcd.call('lease/revoke', { ID }))
    if (one.do === 'hash') return hashOnReal(etcd, revision)
    return headerRevision(await etcd.call('kv/compaction', { revision, physical: true }))
  })
}

const path = etcdPath()

describe.skipIf(path === undefined)('hashKv, as a real etcd has it', () => {
  it('is equal after equal histories', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 100 }), async (steps) => {
        await using etcd = await RealEtcd.start(path ?? '')
        const machine = newMachine()
        for (const one of steps) {
          const { revision, compactRevision } = machine.mvcc
          const at = 'back' in one ? Math.max(revision - one.back, 1) : 0
          // 3.4 refuses the compact revision itself, later versions hash it.
          if (one.do === 'hash' && at <= compactRevision) continue
          expect(await onOurs(machine, one, at)).toBe(await onReal(etcd, one, at))
        }
        const { hash, compactRevision } = await machine.hashKv(0)
        expect(hash).toBe(await hashOnReal(etcd, 0))
        expect(compactRevision).toBe(machine.mvcc.compactRevision)
        machine.close()
      }),
      { numRuns: 4, endOnFailure: true },
    )
  })
})

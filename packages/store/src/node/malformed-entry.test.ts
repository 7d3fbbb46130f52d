import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { silentLog } from '../log.js'
import { silentMetrics } from '../metrics/metrics.js'
import type { Entry } from '../raft/types.js'
import { encodeCommand, NOBODY_ASKS } from './command.js'
import { EntryApplier, type EntryApplierOptions } from './entry-applier.js'
import { ReplicatedMembership } from './replicated-membership.js'

const put = encodeCommand({ put: { key: 'a', value: Buffer.from('1') } }, 7n, NOBODY_ASKS)

/** An applier of which only what these entries need is there. */
function applierThat(applied: string[], refused: string[]) {
  const cluster = new ReplicatedMembership({
    selfId: 1n,
    transport: () => {
      throw new Error('nobody is to be reached')
    },
    log: silentLog,
    onRemoved: () => applied.push('removed'),
  })
  const parts = {
    machine: { put: ({ key }: { key: string }) => applied.push(`put ${key}`) },
    proposals: { take: () => undefined, takeById: () => undefined },
    cluster,
    guard: { check: () => undefined, apply: () => undefined },
    confChanges: { settle: (id: bigint) => applied.push(`settled ${id}`) },
    onConfChange: (change: unknown) => applied.push(`configured ${JSON.stringify(change)}`),
    onTerm: () => undefined,
    clock: new HeldClock(),
    metrics: silentMetrics,
    log: { ...silentLog, error: (message: string) => refused.push(message) },
  }
  return new EntryApplier(parts as unknown as EntryApplierOptions, { index: 0, term: 0 })
}

const malformed: readonly [string, Uint8Array][] = [
  ['a field of no type', Uint8Array.of(0xff, 1, 2)],
  ['a length beyond the end', Uint8Array.of(0x1a, 100, 1)],
  ['a number without an end', Uint8Array.of(0x08, 0xff, 0xff)],
  ['half of a request', put.subarray(0, put.length - 1)],
]

describe('an entry that no member has encoded', () => {
  it.each(malformed)('%s is skipped, and what follows is applied', (_, data) => {
    const applied: string[] = []
    const refused: string[] = []
    const applier = applierThat(applied, refused)
    const entry = (index: number, bytes: Uint8Array): Entry => ({
      type: 'EntryNormal',
      term: 1,
      index,
      data: bytes,
    })
    applier.apply([entry(1, data), entry(2, put)])
    expect(applied).toEqual(['put a'])
    expect(refused).toEqual(['skipped an entry that is no request'])
    expect(applier.appliedIndex).toBe(2)
  })

  it.each(malformed)('%s changes no membership', (_, data) => {
    const applied: string[] = []
    const applier = applierThat(applied, [])
    applier.apply([
      { type: 'EntryConfChange', term: 1, index: 1, data },
      { type: 'EntryNormal', term: 1, index: 2, data: put },
    ])
    expect(applied).toEqual(['configured undefined', 'settled 0', 'put a'])
  })
})

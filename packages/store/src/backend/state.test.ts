import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CorruptDatabase } from '../bbolt/corrupt-database.js'
import { type BucketSource, bucketOf, bytesOf, type Entry } from '../bbolt/entries.js'
import { readDatabase } from '../bbolt/read-database.js'
import { type DatabaseStream, writeDatabase } from '../bbolt/write-database.js'
import type { YieldTurn } from '../clock.js'
import { Mvcc } from '../mvcc/mvcc.js'
import { KeyValue } from '../wire/kv.js'
import { MalformedMessage } from '../wire/message.js'
import { confStateFromJson, confStateToJson } from './conf-state-json.js'
import { hashDatabase } from './hash.js'
import { KeyValueReader } from './key-value-reader.js'
import { hashKv } from './kv-hash.js'
import { readState } from './read-state.js'
import { readRecordKey } from './record-entry.js'
import { bucketsOf } from './schema.js'
import type { StateView } from './state.js'
import { writeBackup, writeState } from './write-state.js'

const atOnce: YieldTurn = (run) => run()

async function bytesOfStream({ chunks, sizeBytes }: DatabaseStream): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  const bytes = Buffer.concat(all)
  expect(bytes.length).toBe(sizeBytes)
  return bytes
}

const databaseOf = async (view: StateView): Promise<Buffer> =>
  bytesOfStream(await writeState(view, atOnce))

const empty: StateView = {
  mvcc: new Mvcc(),
  leases: [],
  alarms: [],
  auth: { isEnabled: false, revision: 1, users: [], roles: [] },
  members: [],
  removedMemberIds: [],
  clusterVersion: undefined,
  downgrade: undefined,
  appliedIndex: 0,
  appliedTerm: 0,
  confState: undefined,
}

/** Writes and deletes, some in one transaction, and a compaction somewhere. */
interface History {
  readonly writes: readonly Write[]
  /** Of all revisions; undefined: none. */
  readonly compactedPart: number | undefined
  readonly isFreed: boolean
}

interface Write {
  readonly key: string
  /** Undefined: a deletion. */
  readonly value: Uint8Array | undefined
  readonly lease: bigint
  readonly endsTransaction: boolean
}

const history: fc.Arbitrary<History> = fc.record({
  writes: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c/1', 'c/2', '\xff', 'k'.repeat(300)),
      value: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
      lease: fc.constantFrom(0n, 0n, 1n, 127n, 128n, 0x7fff_ffff_ffff_ffffn),
      endsTransaction: fc.boolean(),
    }),
    { maxLength: 60 },
  ),
  compactedPart: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  isFreed: fc.boolean(),
})

function storeOf({ writes, compactedPart, isFreed }: History): Mvcc {
  const mvcc = new Mvcc()
  const written = new Set<string>()
  for (const { key, value, lease, endsTransaction } of writes) {
    if (written.has(key)) continue
    written.add(key)
    const current = mvcc.index.get(key)
    if (value !== undefined) mvcc.put(key, value, lease)
    else if (current !== undefined) mvcc.delete(current)
    if (endsTransaction) {
      mvcc.commit()
      written.clear()
    }
  }
  mvcc.commit()
  if (compactedPart !== undefined && mvcc.revision > 1) {
    mvcc.compact(Math.max(1, Math.floor(compactedPart * mvcc.revision)))
    if (isFreed) mvcc.compactSlice(1000)
  }
  return mvcc
}

describe('a state that was written is read', () => {
  it('with its records, whatever their history', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (given) => {
        const mvcc = storeOf(given)
        const loaded = (await readState(await databaseOf({ ...empty, mvcc }), atOnce)).mvcc
        expect(loaded.revision).toBe(mvcc.revision)
        expect(loaded.compactRevision).toBe(mvcc.compactRevision)
        const records = (of: Mvcc) =>
          [...of.records()].map(({ kv, sub }) => ({ ...kv, sub, value: Buffer.from(kv.value) }))
        expect(records(loaded)).toEqual(records(mvcc))
        expect(await hashKv(loaded, 0, atOnce)).toEqual(await hashKv(mvcc, 0, atOnce))
      }),
    )
  })

  it('with all that is not a record', async () => {
    const permission = { permType: 'readwrite', key: 'a', rangeEnd: 'b\xff' } as const
    const member = { name: '', clientUrls: [], isLearner: true, peerUrls: ['http://10.0.0.2:2380'] }
    const view: StateView = {
      ...empty,
      leases: [
        { id: 7n, ttlSeconds: 60, remainingTtlSeconds: 0 },
        { id: 0x7fff_ffff_ffff_fffen, ttlSeconds: 9_000_000_000, remainingTtlSeconds: 5 },
      ],
      alarms: [{ memberId: 0xffff_ffff_ffff_fff0n, alarm: 'nospace' }],
      auth: {
        isEnabled: true,
        revision: 12,
        users: [
          {
            name: 'root',
            password: '$2a$10$hash',
            roles: ['root'],
            options: { noPassword: false },
          },
          { name: 'ünal', password: '', roles: [], options: { noPassword: true } },
        ],
        roles: [{ name: 'r', keyPermission: [permission] }],
      },
      members: [
        { ...member, id: 5n },
        {
          id: 0xffff_ffff_ffff_fff0n,
          name: 'm "1"',
          peerUrls: ['http://10.0.0.1:2380', 'https://10.0.0.1:2381'],
          clientUrls: ['http://10.0.0.1:2379'],
          isLearner: false,
        },
      ],
      removedMemberIds: [3n, 0xffff_ffff_ffff_ffffn],
      clusterVersion: '3.6.0',
      downgrade: { enabled: true, targetVersion: '3.5.0' },
      appliedIndex: 123_456_789_012,
      appliedTerm: 9,
      confState: {
        voters: [0xffff_ffff_ffff_fff0n],
        learners: [5n],
        votersOutgoing: [1n, 2n],
        learnersNext: [2n],
        autoLeave: true,
      },
    }
    const { mvcc: _, ...loaded } = await readState(await databaseOf(view), atOnce)
    const { mvcc: __, ...expected } = view
    expect(loaded).toEqual(expected)
  })

  it('and an empty one', async () => {
    expect(await readState(await databaseOf(empty), atOnce)).toMatchObject({
      appliedIndex: 0,
      members: [],
    })
  })

  it('with a backup that ends with its SHA-256, which is ignored', async () => {
    const plain = await databaseOf(empty)
    const backup = await bytesOfStream(await writeBackup(empty, atOnce))
    expect(backup.subarray(0, -32).equals(plain)).toBe(true)
    expect((await readState(backup, atOnce)).mvcc.revision).toBe(1)
  })
})

it('records lie there as their message says', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (given) => {
      const mvcc = storeOf(given)
      const database = readDatabase(await databaseOf({ ...empty, mvcc }))
      const found = [...database.entries('key')].map(([key, value]) => ({
        place: readRecordKey(key),
        value: value.toString('hex'),
      }))
      const expected = [...mvcc.records()].map(({ kv, sub, isTombstone }) => ({
        place: { revision: kv.modRevision, sub, isTombstone },
        value: Buffer.from(KeyValue.encode(isTombstone ? { key: kv.key } : kv)).toString('hex'),
      }))
      expect(found).toEqual(expected)
    }),
  )
})

it('a record is read as its message is, whatever the bytes', () => {
  const reader = new KeyValueReader()
  const outcome = (read: () => unknown) => {
    try {
      return read()
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedMessage)
      return 'malformed'
    }
  }
  const number = fc.constantFrom(0, 1, 127, 128, 2 ** 31, 2 ** 49, 2 ** 53 - 1)
  const whole = fc
    .record({
      key: fc.constantFrom('', 'k', '\xff'.repeat(200)),
      createRevision: number,
      modRevision: number,
      version: number,
      value: fc.uint8Array({ maxLength: 200 }),
      lease: fc.constantFrom(0n, 1n, 0x7fff_ffff_ffff_ffffn, -1n, 0x1234_5678_9abcn),
    })
    .map((kv) => Buffer.from(KeyValue.encode(kv)))
  const damaged = fc
    .tuple(whole, fc.nat(20), fc.nat(255))
    .map(([bytes, at, byte]) => Buffer.concat([bytes.subarray(0, at), Uint8Array.of(byte)]))
  fc.assert(
    fc.property(fc.oneof(whole, damaged), fc.nat(3), (bytes, start) => {
      const within = Buffer.concat([Buffer.alloc(start, 1), bytes, Buffer.alloc(3, 0x2a)])
      const read = outcome(() => reader.read(within, start, start + bytes.length))
      const expected = outcome(() => KeyValue.decode(bytes))
      expect(plain(read)).toEqual(plain(expected))
    }),
    { numRuns: 1000 },
  )
})

const plain = (outcome: unknown) =>
  outcome === 'malformed'
    ? outcome
    : { ...(outcome as KeyValue), value: [...(outcome as KeyValue).value] }

it('leases lie in the order of their bytes, whatever their ids', async () => {
  const leases = [-5n, -1n, 0n, 7n].map((id) => ({ id, ttlSeconds: 9, remainingTtlSeconds: 0 }))
  const loaded = await readState(await databaseOf({ ...empty, leases }), atOnce)
  expect(loaded.leases.map(({ id }) => id)).toEqual([0n, 7n, -5n, -1n])
  const again = await readState(await databaseOf({ ...empty, leases: loaded.leases }), atOnce)
  expect(again.leases).toEqual(loaded.leases)
})

describe('the hash', () => {
  it('is the same when only what every member has of its own differs', async () => {
    const hash = await hashDatabase(empty, atOnce)
    expect(await hashDatabase({ ...empty, appliedIndex: 5, appliedTerm: 2 }, atOnce)).toBe(hash)
    const mvcc = new Mvcc()
    mvcc.put('k', bytesOf('v'), 0n)
    mvcc.commit()
    expect(await hashDatabase({ ...empty, mvcc }, atOnce)).not.toBe(hash)
  })
})

it('a configuration of members as JSON has its ids in full', () => {
  const state = {
    voters: [0xffff_ffff_ffff_ffffn, 1n],
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  }
  const text = '{"voters":[18446744073709551615,1],"auto_leave":false}'
  expect(confStateToJson(state)).toBe(text)
  expect(confStateFromJson(text)).toEqual(state)
})

it('others have their turn while much is written, hashed and read', async () => {
  const mvcc = new Mvcc()
  for (let n = 0; n < 50_000; n++) {
    mvcc.put(`k${n}`, new Uint8Array(100), 0n)
    mvcc.commit()
  }
  let turns = 0
  const counting: YieldTurn = (run) => {
    turns++
    run()
  }
  const bytes = await bytesOfStream(await writeState({ ...empty, mvcc }, counting))
  expect(turns).toBeGreaterThan(bytes.length / 300_000)
  turns = 0
  await readState(bytes, counting)
  expect(turns).toBeGreaterThan(20)
  turns = 0
  await hashDatabase({ ...empty, mvcc }, counting)
  expect(turns).toBeGreaterThan(10)
})

describe('a database that holds no state', () => {
  const place = (revision: number, sub: number, mark = ''): Uint8Array => {
    const key = Buffer.alloc(17, 0x5f)
    key.writeBigUInt64BE(BigInt(revision))
    key.writeBigUInt64BE(BigInt(sub), 9)
    return Buffer.concat([key, Buffer.from(mark)])
  }
  const record = (modRevision: number): Uint8Array =>
    KeyValue.encode({ key: 'a', createRevision: 2, modRevision, version: 1 })

  it.each<[string, string, Entry, RegExp]>([
    ['a key that is no revision', 'key', [bytesOf('abc'), record(2)], /^key .*: 616263 is no rev/],
    ['a mark that is none', 'key', [place(2, 0, 'x'), record(2)], /is no revision$/],
    ['a record of another revision', 'key', [place(3, 0), record(2)], /^key .*record 3\/0 is of/],
    ['a record that is no message', 'key', [place(2, 0), bytesOf('\x0a\xff')], /mvccpb.KeyValue/],
    ['a lease that is no message', 'lease', [bytesOf('12345678'), bytesOf('\xff')], /^lease in/],
    ['a member that is not JSON', 'members', [bytesOf('a1'), bytesOf('{')], /^members in/],
    ['an index of 3 bytes', 'meta', [bytesOf('consistent_index'), bytesOf('abc')], /3 bytes/],
    [
      'a compaction of none',
      'meta',
      [bytesOf('finishedCompactRev'), bytesOf('abc')],
      /no revision$/,
    ],
    ['a configuration of none', 'meta', [bytesOf('confState'), bytesOf('[')], /^confState in/],
  ])('%s', async (_name, bucket, entry, message) => {
    const buckets: BucketSource[] = [bucketOf(bucket, [entry])]
    const bytes = await bytesOfStream(await writeDatabase(buckets, { yieldTurn: atOnce }))
    const reading = readState(bytes, atOnce)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toBeInstanceOf(CorruptDatabase)
  })

  it('lacks buckets: they count as empty', async () => {
    const other = bucketsOf(empty).filter(({ name }) => name === 'members_removed')
    const bytes = await bytesOfStream(await writeDatabase(other, { yieldTurn: atOnce }))
    expect((await readState(bytes, atOnce)).auth.revision).toBe(0)
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contains, type KeyRange, prefixRange } from '../client/key-range.js'
import type { KeyValue, RangeRequest } from '../client/store-client.js'
import { Mvcc } from './mvcc.js'
import { MvccLoader } from './mvcc-loader.js'
import { range } from './range.js'

/** The judge: a plain map a revision, copied at every transaction. */
class Model {
  readonly states: ReadonlyMap<string, KeyValue>[] = [new Map(), new Map()]
  compactRevision = -1

  get revision(): number {
    return this.states.length - 1
  }

  transact(change: (state: Map<string, KeyValue>, revision: number) => boolean): void {
    const state = new Map(this.states[this.revision])
    if (change(state, this.revision + 1)) this.states.push(state)
  }

  clone(): Model {
    const clone = new Model()
    clone.states.splice(0, 2, ...this.states)
    clone.compactRevision = this.compactRevision
    return clone
  }

  read(request: RangeRequest): KeyValue[] {
    const state = this.states[request.revision || this.revision] ?? new Map<string, KeyValue>()
    return [...state.values()]
      .filter(({ key }) => contains(request, key))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }
}

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b\xff', 'c', '\xff', '\xff\xff')
const end = fc.option(fc.constantFrom('\0', 'a/', 'a0', 'b', 'c', '\xff', '\xff\xff\0'), {
  nil: undefined,
})
const keyRange = fc.record({ key, rangeEnd: end })

type Write =
  | { readonly op: 'put'; readonly key: string; readonly value: Uint8Array; readonly lease: bigint }
  | { readonly op: 'delete'; readonly range: KeyRange }

const write: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('put' as const),
      key,
      value: fc.uint8Array({ maxLength: 2 }),
      lease: fc.constantFrom(0n, 0n, 7n),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), range: keyRange }) },
)

type Step =
  | { readonly step: 'txn'; readonly writes: readonly Write[] }
  /** A part of the way between the last compaction and now. */
  | { readonly step: 'compact'; readonly part: number; readonly slice: number }
  | { readonly step: 'clone'; readonly goOnWithClone: boolean }
  | {
      readonly step: 'read'
      readonly range: KeyRange
      readonly part: number
      readonly limit: number
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant('txn' as const),
      writes: fc.uniqueArray(write, { maxLength: 3, selector: keysWritten }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      step: fc.constant('compact' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      slice: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant('clone' as const), goOnWithClone: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      step: fc.constant('read' as const),
      range: keyRange,
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      limit: fc.integer({ min: 0, max: 3 }),
    }),
  },
)

/** In a transaction a key is deleted and put at most once each. */
function keysWritten(one: Write): string {
  return one.op === 'put' ? one.key : 'deletions'
}

function applyWrites(mvcc: Mvcc, model: Model, writes: readonly Write[]): void {
  const puts = writes.filter((one) => one.op === 'put')
  // Deletions first: they see the state before, in the store as in the model.
  const deletions = writes.filter((one) => one.op === 'delete')
  model.transact((state, modRevision) => {
    let changed = 0
    for (const { range: deleted } of deletions) {
      const doomed = [...state.keys()].filter((name) => contains(deleted, name))
      for (const name of doomed) {
        state.delete(name)
        const record = mvcc.index.get(name)
        if (record === undefined) throw new Error(`the store has no ${name}`)
        mvcc.delete(record)
        changed++
      }
    }
    for (const { key: name, value, lease } of puts) {
      const old = state.get(name)
      const createRevision = old?.createRevision ?? modRevision
      const version = (old?.version ?? 0) + 1
      state.set(name, { key: name, value, createRevision, modRevision, version, lease })
      mvcc.put(name, value, lease)
      changed++
    }
    return changed > 0
  })
  mvcc.commit()
}

/** A readable revision: `part` of the way from the compact revision to the present. */
const readable = ({ compactRevision, revision }: Model, part: number): number => {
  const oldest = Math.max(compactRevision, 1)
  return oldest + Math.round(part * (revision - oldest))
}

function expectSameHistory(mvcc: Mvcc, model: Model): void {
  expect(mvcc.revision).toBe(model.revision)
  for (let revision = Math.max(model.compactRevision, 1); revision <= model.revision; revision++) {
    const request = { ...prefixRange(''), revision }
    expect(range(mvcc, request).kvs).toEqual(model.read(request))
  }
  // What a watcher reads from the log is what changed from one state to the next.
  const from = Math.max(model.compactRevision + 1, 2)
  for (const { kv, isTombstone } of mvcc.log.read(from, Number.POSITIVE_INFINITY)) {
    const state = model.states[kv.modRevision]
    // Gone, unless the same transaction put it again.
    if (isTombstone)
      expect(state?.get(kv.key)?.createRevision ?? kv.modRevision).toBe(kv.modRevision)
    else expect(kv).toEqual(state?.get(kv.key))
  }
}

/** What every member has to be able to do: write all records down, and begin again with them. */
function reloaded(mvcc: Mvcc): Mvcc {
  const loader = new MvccLoader()
  for (const { kv, sub, isTombstone } of mvcc.records()) {
    loader.add({ revision: kv.modRevision, sub, isTombstone, kv })
  }
  const copy = loader.finish(mvcc)
  while (!copy.compactSlice(3)) expect(copy.isCompacted).toBe(false)
  return copy
}

const linesOf = (mvcc: Mvcc): string[] =>
  [...mvcc.records()].map(
    ({ kv, sub, isTombstone }) =>
      `${kv.modRevision}/${sub}${isTombstone ? 't' : ''} ${kv.key} ${kv.createRevision} ${kv.version}`,
  )

/** What has to be kept, told by the model: all since the compact revision, and its own state. */
function keptLines(mvcc: Mvcc, { states, compactRevision }: Model): string[] {
  const old = states[Math.max(compactRevision, 1)] ?? new Map<string, KeyValue>()
  return linesOf(mvcc).filter((line) => {
    const [place = '', name = ''] = line.split(' ')
    const revision = Number.parseInt(place, 10)
    return revision >= compactRevision || old.get(name)?.modRevision === revision
  })
}

function expectSameRecords(mvcc: Mvcc, model: Model): void {
  while (!mvcc.compactSlice(2)) expect(mvcc.isCompacted).toBe(false)
  expect(linesOf(mvcc)).toEqual(keptLines(mvcc, model))
  const old = [...(model.states[Math.max(model.compactRevision, 1)] ?? new Map()).values()]
  for (const { key: name, modRevision } of old) {
    expect(
      linesOf(mvcc).some(
        (line) => line.includes(` ${name} `) && line.startsWith(`${modRevision}/`),
      ),
    ).toBe(true)
  }
  const copy = reloaded(mvcc)
  expectSameHistory(copy, model)
  expect(linesOf(copy)).toEqual(linesOf(mvcc))
  expect(copy.sizeBytes).toBe(mvcc.sizeBytes)
  expect(copy.keyCount).toBe(mvcc.keyCount)
}

function run(steps: readonly Step[]): void {
  let mvcc = new Mvcc()
  let model = new Model()
  const others: [Mvcc, Model][] = []
  for (const one of steps) {
    if (one.step === 'txn') applyWrites(mvcc, model, one.writes)
    if (one.step === 'compact') {
      const revision = readable(model, one.part)
      if (revision <= model.compactRevision) continue
      mvcc.compact(revision)
      model.compactRevision = revision
      while (!mvcc.compactSlice(one.slice)) expectSameHistory(mvcc, model)
    }
    if (one.step === 'clone') {
      const clone: [Mvcc, Model] = [mvcc.clone(), model.clone()]
      others.push(one.goOnWithClone ? [mvcc, model] : clone)
      if (one.goOnWithClone) [mvcc, model] = clone
    }
    if (one.step === 'read') {
      const request = { ...one.range, revision: readable(model, one.part) }
      const expected = model.read(request)
      const answer = range(mvcc, { ...request, limit: one.limit })
      expect(answer.kvs).toEqual(one.limit > 0 ? expected.slice(0, one.limit) : expected)
      expect(answer.count).toBe(expected.length)
      expect(answer.more).toBe(one.limit > 0 && expected.length > one.limit)
      expect(range(mvcc, { ...request, countOnly: true }).count).toBe(expected.length)
    }
  }
  others.push([mvcc, model])
  for (const [store, judge] of others) expectSameHistory(store, judge)
  for (const [store, judge] of others) expectSameRecords(store, judge)
  // Whoever is left last may cut what it kept for the others.
  for (const [store] of others.slice(1)) store.release()
  const [last] = others
  if (last === undefined) return
  last[0].put('x', new Uint8Array(0), 0n)
  last[0].commit()
  last[0].compact(last[0].revision)
  while (!last[0].compactSlice(1)) expect(last[0].isCompacted).toBe(false)
  for (const record of last[0].records()) expect(record.previous).toBe(undefined)
}

it('answers as a map a revision does, whatever is written, compacted and cloned', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), run), { numRuns: 400 })
})

it('gives back all space once everything is deleted and compacted', () => {
  const steps = fc.array(step, { maxLength: 40 })
  fc.assert(
    fc.property(steps, (all) => {
      const mvcc = new Mvcc()
      const model = new Model()
      for (const one of all) if (one.step === 'txn') applyWrites(mvcc, model, one.writes)
      applyWrites(mvcc, model, [{ op: 'delete', range: prefixRange('') }])
      applyWrites(mvcc, model, [{ op: 'put', key: 'x', value: new Uint8Array(0), lease: 0n }])
      mvcc.compact(mvcc.revision)
      while (!mvcc.compactSlice(1)) expect(mvcc.sizeBytes).toBeGreaterThan(0)
      const alone = new Mvcc()
      alone.put('x', new Uint8Array(0), 0n)
      expect(mvcc.sizeBytes).toBe(alone.sizeBytes)
    }),
  )
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contains, type KeyRange } from '../client/key-range.js'
import type { StoreClient, WatchBatch, WatchSubscription } from '../client/store-client.js'
import { HeldClock } from '../clock.fixture.js'
import { openEmbeddedStore } from '../embedded.js'
import { IntervalIndex } from './interval-index.js'

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1', 'c')
const end = fc.option(fc.constantFrom('\0', 'a0', 'b', 'b/1\0', 'c'), { nil: undefined })
const keyRange = fc.record({ key, rangeEnd: end })

type Step =
  | { readonly step: 'put'; readonly keys: readonly string[] }
  | { readonly step: 'delete'; readonly range: KeyRange }
  | { readonly step: 'watch'; readonly range: KeyRange; readonly back: number }
  | { readonly step: 'pause' | 'resume' | 'cancel'; readonly watcher: number }
  | { readonly step: 'yield' }

const watcher = fc.nat({ max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    step: fc.constant('put' as const),
    keys: fc.uniqueArray(key, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ step: fc.constant('delete' as const), range: keyRange }),
  fc.record({ step: fc.constant('watch' as const), range: keyRange, back: fc.nat({ max: 20 }) }),
  fc.record({ step: fc.constantFrom('pause' as const, 'resume' as const), watcher }),
  fc.record({ step: fc.constantFrom('pause' as const, 'resume' as const), watcher }),
  fc.record({ step: fc.constant('cancel' as const), watcher }),
  fc.record({ step: fc.constant('yield' as const) }),
)

/** What a watcher should have seen, and what it saw. */
interface Watched {
  readonly range: KeyRange
  readonly from: number
  readonly seen: WatchBatch[]
  readonly subscription: WatchSubscription
  isCancelled: boolean
}

/** The changes of one revision, as `type key`. */
type History = Map<number, readonly string[]>

async function act(
  client: StoreClient,
  one: Step,
  history: History,
  watched: Watched[],
): Promise<void> {
  if (one.step === 'put') {
    const puts = one.keys.map((name) => ({ type: 'put' as const, key: name, value: EMPTY }))
    const { header } = await client.txn({ success: puts })
    history.set(
      header.revision,
      one.keys.map((name) => `put ${name}`),
    )
  } else if (one.step === 'delete') {
    const { header, prevKvs } = await client.deleteRange(one.range, { prevKv: true })
    const lines = prevKvs.map((kv) => `delete ${kv.key}`)
    if (lines.length > 0) history.set(header.revision, lines)
  } else if (one.step === 'watch') {
    const { header } = await client.status()
    const from = Math.max(header.revision + 1 - one.back, 1)
    const seen: WatchBatch[] = []
    const observer = { onBatch: (batch: WatchBatch) => void seen.push(batch), onEnd: () => {} }
    const subscription = client.subscribe(one.range, observer, { startRevision: from })
    watched.push({ range: one.range, from, seen, subscription, isCancelled: false })
  } else if (one.step === 'yield') {
    await new Promise(setImmediate)
  } else {
    const target = watched[one.watcher]
    target?.subscription[one.step]()
    if (target !== undefined && one.step === 'cancel') target.isCancelled = true
  }
}

const EMPTY = new Uint8Array(0)

function expectedOf({ range, from }: Watched, history: History): string[] {
  const lines: string[] = []
  for (const [revision, changes] of history) {
    const inRange = changes.filter((line) => contains(range, line.slice(line.indexOf(' ') + 1)))
    if (revision >= from && inRange.length > 0) lines.push(`${revision}: ${inRange.join(', ')}`)
  }
  return lines
}

const seenBy = ({ seen }: Watched): string[] =>
  seen.map(
    ({ revision, events }) =>
      `${revision}: ${events.map(({ type, kv }) => `${type} ${kv.key}`).join(', ')}`,
  )

it('every watcher sees every change in its range once and in order, however it is paused', async () => {
  const limits = { catchUpRecordsPerSlice: 2, catchUpWatchersPerSlice: 2 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      await using store = openEmbeddedStore({ clock: new HeldClock(), limits })
      const history: History = new Map()
      const watched: Watched[] = []
      for (const one of steps) await act(store.client, one, history, watched)
      for (const { subscription } of watched) subscription.resume()
      const enough = history.size * (watched.length + 1)
      for (let n = 0; n < enough; n++) await new Promise(setImmediate)
      for (const one of watched) {
        const expected = expectedOf(one, history)
        if (one.isCancelled) expect(expected.slice(0, one.seen.length)).toEqual(seenBy(one))
        else expect(seenBy(one)).toEqual(expected)
      }
    }),
    { numRuns: 150 },
  )
})

it('the interval index finds what a look at every interval finds', () => {
  const letter = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const change = fc.record({ low: letter, high: letter, isDeletion: fc.boolean() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const index = new IntervalIndex<readonly string[]>()
      const all = new Map<string, readonly [string, string]>()
      for (const { low, high, isDeletion } of changes) {
        const name = `${low}-${high}`
        expect(index.get(low, high)).toEqual(all.has(name) ? [name] : undefined)
        if (isDeletion) {
          index.delete(low, high)
          all.delete(name)
        } else if (!all.has(name)) {
          index.set(low, high, [name])
          all.set(name, [low, high])
        }
        for (const key of ['a', 'b', 'cc', 'e', 'f']) {
          const found: string[] = []
          index.stab(key, found)
          const expected = [...all].filter(([, [from, to]]) => from <= key && key < to)
          expect(found.sort()).toEqual(expected.map(([name]) => name).sort())
        }
      }
    }),
  )
})

import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../disk/simulated-disk.js'
import type { Entry, HardState } from '../raft/types.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import type { Wal, WalContents, WalSnapshot } from './types.js'
import { createWal, openWal, walExists } from './wal.js'

/**
 * A log on a disk that loses its power again and again, each time during another operation. After
 * each start it must have all that was acknowledged, and nothing that was never saved.
 */

const metadata = { nodeId: 1n, clusterId: 2n }

/** Small, so that segments end all the time. */
const segmentBytes = 8192

const SEEDS = Number(process.env.MINIPLANE_WAL_SEEDS ?? 120)

const LIVES = 8

/** What a member has saved: what was acknowledged, and what may or may not have got there. */
class Expectation {
  /** Of every index, what was saved last and acknowledged. */
  acknowledged = new Map<number, Entry>()
  /** Of every index, the terms and texts of all that was ever saved. */
  saved = new Map<number, Set<string>>()
  hardState: HardState = { term: 0, vote: 0n, commit: 0 }
  /** Hard states that were saved since. */
  possibleHardStates: HardState[] = []
  snapshot: WalSnapshot = { index: 0, term: 0 }
  lastIndex = 0
  /** First indexes of saves that are under way, in their order. */
  underWay: number[] = []

  begin(hardState: HardState, entries: readonly Entry[]): void {
    this.possibleHardStates.push(hardState)
    for (const entry of entries) {
      const saved = this.saved.get(entry.index) ?? new Set()
      this.saved.set(entry.index, saved.add(nameOf(entry)))
    }
    const first = entries[0]?.index
    if (first === undefined) return
    this.lastIndex = entries.at(-1)?.index ?? this.lastIndex
    this.underWay.push(first)
  }

  /** The oldest save under way is durable now. */
  acknowledge(hardState: HardState, entries: readonly Entry[]): void {
    this.hardState = hardState
    this.possibleHardStates.splice(0, this.possibleHardStates.indexOf(hardState) + 1)
    const first = entries[0]?.index
    if (first === undefined) return
    expect(this.underWay.shift()).toBe(first)
    for (const index of this.acknowledged.keys()) {
      if (index >= first) this.acknowledged.delete(index)
    }
    for (const entry of entries) this.acknowledged.set(entry.index, entry)
  }

  check({ metadata: found, hardState, entries }: WalContents): void {
    expect(found).toEqual(metadata)
    expect([this.hardState, ...this.possibleHardStates].map(withoutCommit)).toContainEqual(
      withoutCommit(hardState),
    )
    expect(hardState.commit).toBeGreaterThanOrEqual(this.snapshot.index)
    const { index: at } = this.snapshot
    const isSaved = (entry: Entry, i: number) =>
      entry.index === at + 1 + i && this.saved.get(entry.index)?.has(nameOf(entry))
    expect(entries.filter((entry, i) => !isSaved(entry, i))).toEqual([])
    const isKept = ({ index, ...entry }: Entry) => {
      const kept = entries[index - at - 1]
      return kept !== undefined && nameOf(kept) === nameOf({ index, ...entry })
    }
    const replaced = Math.min(...this.underWay)
    const isAtRisk = ({ index }: Entry) => index <= at || index >= replaced
    const acknowledged = [...this.acknowledged.values()]
    expect(acknowledged.filter((entry) => !isAtRisk(entry) && !isKept(entry))).toEqual([])
  }

  /** What the next life knows; the dead may still have a turn of the event loop. */
  clone(): Expectation {
    return Object.assign(new Expectation(), this, {
      acknowledged: new Map(this.acknowledged),
      saved: new Map([...this.saved].map(([index, names]) => [index, new Set(names)])),
      possibleHardStates: [...this.possibleHardStates],
      underWay: [...this.underWay],
    })
  }

  /** The log, as it was found, is what everything goes on from. */
  resume({ hardState, entries }: WalContents): void {
    this.hardState = hardState
    this.possibleHardStates = []
    this.acknowledged.clear()
    for (const entry of entries) this.acknowledged.set(entry.index, entry)
    this.lastIndex = entries.at(-1)?.index ?? this.snapshot.index
    this.underWay = []
  }
}

const nameOf = ({ type, term, data }: Entry) =>
  `${type} ${term} ${Buffer.from(data).toString('latin1')}`

const withoutCommit = ({ term, vote }: HardState) => ({ term, vote })

const TYPES = ['EntryNormal', 'EntryConfChange', 'EntryConfChangeV2'] as const

/** Saves, truncates, marks and releases at random until the disk stands still. */
async function live(wal: Wal, expectation: Expectation, random: SeededRandom): Promise<void> {
  for (;;) {
    const saves = Array.from({ length: 1 + random.below(3) }, () => save(wal, expectation, random))
    await Promise.all(saves)
    if (random.chance(0.1)) await snapshot(wal, expectation, random)
  }
}

async function save(wal: Wal, expectation: Expectation, random: SeededRandom): Promise<void> {
  const newest = expectation.possibleHardStates.at(-1) ?? expectation.hardState
  const { commit } = newest
  const term = newest.term + (random.chance(0.1) ? 1 : 0)
  const vote = term === newest.term ? newest.vote : BigInt(random.below(3))
  // A new term may replace what isn't committed.
  const { lastIndex, snapshot: mark } = expectation
  const lowest = Math.max(commit, mark.index) + 1
  const first = random.chance(0.1) ? random.between(lowest, lastIndex + 2) : lastIndex + 1
  const entries = Array.from(
    { length: random.below(4) },
    (_, i): Entry => ({
      type: random.pick(TYPES),
      term,
      index: first + i,
      data: Buffer.from('x'.repeat(random.below(random.chance(0.02) ? 12_000 : 600))),
    }),
  )
  const last = entries.at(-1)?.index ?? lastIndex
  const hardState = { term, vote, commit: random.between(Math.min(commit, last), last + 1) }
  const mustSync = entries.length > 0 || term !== newest.term
  expectation.begin(hardState, entries)
  await wal.save(hardState, entries, mustSync)
  if (mustSync) expectation.acknowledge(hardState, entries)
}

async function snapshot(wal: Wal, expectation: Expectation, random: SeededRandom): Promise<void> {
  const { commit } = expectation.possibleHardStates.at(-1) ?? expectation.hardState
  const index = random.between(expectation.snapshot.index, commit + 1)
  const entry = expectation.acknowledged.get(index)
  if (entry === undefined || index <= expectation.snapshot.index) return
  const mark = { index, term: entry.term }
  // The file with the state would be durable by now.
  expectation.snapshot = mark
  await wal.saveSnapshot(mark)
  await wal.release(mark)
}

async function start(disk: SimulatedDisk, expectation: Expectation): Promise<Wal> {
  if (!(await walExists(disk, 'wal'))) return createWal(disk, 'wal', metadata, { segmentBytes })
  const { wal, contents } = await openWal(disk, 'wal', { at: expectation.snapshot, segmentBytes })
  expectation.check(contents)
  expectation.resume(contents)
  return wal
}

async function run(seed: number, powerLoss: boolean, ignoresSync = false): Promise<void> {
  const random = new SeededRandom(seed)
  let disk = new SimulatedDisk({ random: random.fork() })
  disk.ignoresSync = ignoresSync
  let expectation = new Expectation()
  for (let life = 0; life < LIVES; life++) {
    disk.haltAfter(random.below(random.chance(0.5) ? 20 : 200))
    const known = expectation
    const chance = random.fork()
    const lived = start(disk, known).then((wal) => live(wal, known, chance))
    await Promise.race([lived, disk.halted])
    expectation = known.clone()
    disk = powerLoss ? disk.crash() : disk.kill()
  }
  const wal = await start(disk, expectation)
  await wal.close()
}

describe.each([
  ['the power is lost', true],
  ['the process is killed', false],
])('when %s', (_name, powerLoss) => {
  it(`a log keeps what it acknowledged (${SEEDS} seeds)`, async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      try {
        await run(seed, powerLoss)
      } catch (error) {
        throw new Error(`seed ${seed}: ${error}`, { cause: error })
      }
    }
  }, 120_000)
})

it('this test finds a disk that says it synced and did not', async () => {
  const runs = Array.from({ length: 10 }, (_, seed) => run(seed, true, true))
  const failures = (await Promise.allSettled(runs)).filter(({ status }) => status === 'rejected')
  expect(failures.length).toBeGreaterThan(8)
})

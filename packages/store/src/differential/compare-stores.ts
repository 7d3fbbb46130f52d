import fc from 'fast-check'
import type { StoreFixture } from '../client/store-fixture.js'
import { operations } from './arbitrary.js'
import { type Operation, textOf } from './operation.js'
import { Session } from './session.js'

/** A store that is asked; one behind a network also answers for what it keeps on disk. */
export interface Contestant extends StoreFixture {
  hashKv?(): Promise<unknown>
}

export type OpenContestant = () => Promise<Contestant>

/** Where two stores part. */
export interface Difference {
  /** The operation at which it showed; one past the last: the watches showed it in the end. */
  readonly after: number
  readonly asked: string
  readonly ours: string
  readonly judge: string
}

/** Asks both the same; answers the first difference. */
export async function compareStores(
  sequence: readonly Operation[],
  openOurs: OpenContestant,
  openJudge: OpenContestant,
): Promise<Difference | undefined> {
  const [opening, judgeOpening] = [openOurs(), openJudge()]
  await using ours = await opening
  await using judge = await judgeOpening
  const sessions = [new Session(ours.client), new Session(judge.client)] as const
  for (const [after, operation] of sequence.entries()) {
    const [a = '', b = ''] = await Promise.all(sessions.map((one) => one.perform(operation)))
    if (a !== b) return { after, asked: 'the last is answered', ours: a, judge: b }
  }
  const [seen, judgeSeen] = await Promise.all(sessions.map((session) => session.watched()))
  const hashes = await hashesOf(ours, judge)
  const index = seen?.findIndex((text, n) => text !== judgeSeen?.[n]) ?? -1
  if (index < 0) {
    const [a, b] = hashes
    return a === b ? undefined : { after: sequence.length, asked: 'hashKV', ours: a, judge: b }
  }
  return {
    after: sequence.length,
    asked: `watch ${index} has seen`,
    ours: seen?.[index] ?? '',
    judge: judgeSeen?.[index] ?? '',
  }
}

async function hashesOf(ours: Contestant, judge: Contestant): Promise<[string, string]> {
  if (ours.hashKv === undefined || judge.hashKv === undefined) return ['', '']
  return [textOf(await ours.hashKv()), textOf(await judge.hashKv())]
}

export interface DifferentialOptions {
  /** Of the first sequence; the others' are the numbers after it. */
  readonly seed: number
  readonly runs: number
  /** No further sequence is begun afterwards. */
  isTimeUp(): boolean
}

/**
 * Random sequences until one is answered differently, which is then made as short as it can be.
 * Throws with the seed and the sequence; answers how many were tried.
 */
export async function assertAlike(
  openOurs: OpenContestant,
  openJudge: OpenContestant,
  { seed, runs, isTimeUp }: DifferentialOptions,
): Promise<number> {
  const compare = (sequence: readonly Operation[]) => compareStores(sequence, openOurs, openJudge)
  for (let run = 0; run < runs && !isTimeUp(); run++) {
    const [sequence = []] = fc.sample(operations, { seed: seed + run, numRuns: 1 })
    const found = await compare(sequence)
    if (found === undefined) continue
    const { shortest, difference } = await shorten(sequence, found, compare)
    throw new Error(describeDifference(seed + run, shortest, difference))
  }
  return runs
}

/** Leaves out what the difference doesn't need: halves, quarters, … single operations. */
async function shorten(
  sequence: readonly Operation[],
  found: Difference,
  compare: (sequence: readonly Operation[]) => Promise<Difference | undefined>,
): Promise<{ shortest: readonly Operation[]; difference: Difference }> {
  let shortest = sequence.slice(0, found.after + 1)
  let difference = found
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = shortest.length - size; from >= 0; from -= size) {
      const without = [...shortest.slice(0, from), ...shortest.slice(from + size)]
      const still = await compare(without)
      if (still === undefined) continue
      shortest = without.slice(0, still.after + 1)
      difference = still
    }
  }
  return { shortest, difference }
}

function describeDifference(
  seed: number,
  sequence: readonly Operation[],
  { asked, ours, judge }: Difference,
): string {
  const steps = sequence.map((step) => `  ${textOf(step)}`).join('\n')
  return `seed ${seed}: after\n${steps}\n${asked}\n  ours:  ${ours}\n  judge: ${judge}`
}

import fc from 'fast-check'
import { textOf } from './operation.js'

/** Where two stores part. */
export interface Difference {
  /** The operation at which it showed; one past the last: the watches showed it in the end. */
  readonly after: number
  readonly asked: string
  readonly ours: string
  readonly judge: string
}

export interface DifferentialOptions {
  /** Of the first sequence; the others' are the numbers after it. */
  readonly seed: number
  readonly runs: number
  /** No further sequence is begun afterwards. */
  isTimeUp(): boolean
}

/** Asks two stores, opened for it, the same. */
export type Compare<Step> = (sequence: readonly Step[]) => Promise<Difference | undefined>

/**
 * Random sequences until one is answered differently, which is then made as short as it can be.
 * Throws with the seed and the sequence.
 */
export async function assertAlike<Step>(
  sequences: fc.Arbitrary<Step[]>,
  compare: Compare<Step>,
  { seed, runs, isTimeUp }: DifferentialOptions,
): Promise<void> {
  for (let run = 0; run < runs && !isTimeUp(); run++) {
    const [sequence = []] = fc.sample(sequences, { seed: seed + run, numRuns: 1 })
    const found = await compare(sequence)
    if (found === undefined) continue
    const { shortest, difference } = await shorten(sequence, found, compare)
    throw new Error(describeDifference(seed + run, shortest, difference))
  }
}

/** Leaves out what the difference doesn't need: halves, quarters, … single operations. */
async function shorten<Step>(
  sequence: readonly Step[],
  found: Difference,
  compare: Compare<Step>,
): Promise<{ shortest: readonly Step[]; difference: Difference }> {
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
  sequence: readonly unknown[],
  { asked, ours, judge }: Difference,
): string {
  const steps = sequence.map((step) => `  ${textOf(step)}`).join('\n')
  return `seed ${seed}: after\n${steps}\n${asked}\n  ours:  ${ours}\n  judge: ${judge}`
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The recordings of a real cluster, and the players that compare us with them. */
export const corpus = fileURLToPath(new URL('../corpus/', import.meta.url))

/** What is read here; the players know the rest. Durations are in seconds. */
export interface RecordedCase {
  readonly name: string
  readonly steps: readonly RecordedStep[]
}

export interface RecordedStep {
  readonly sleep?: number
  /** kubectl: kill the command after `limit`, repeat it until its output matches. */
  readonly run?: string
  readonly limit?: number
  readonly until?: { readonly seconds?: number }
  /** HTTP: repeat the request until its answer matches, wait for events of a watch. */
  readonly retryUntil?: { readonly seconds?: number }
  readonly collect?: string
  readonly seconds?: number
}

/** A file of cases, named as `machinery/watch.json`. */
export interface Recording {
  readonly file: string
  readonly folder: string
  readonly cases: readonly RecordedCase[]
}

export function recordings(folders: readonly string[]): Recording[] {
  return folders.flatMap((folder) =>
    readdirSync(join(corpus, folder))
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => {
        const file = `${folder}/${name}`
        return { file, folder, cases: JSON.parse(readFileSync(join(corpus, file), 'utf8')).cases }
      }),
  )
}

/** The players' own patience, where a step names none. */
const PATIENCE = { until: 20, retryUntil: 10, collect: 5, limit: 60 }

/** How much less than recorded a case may wait: in seconds, for each step. */
export interface Impatience {
  /** For what a server should show. */
  readonly waitSeconds: number
  /** For one command to end. */
  readonly commandSeconds: number
}

/** The same case, which gives up sooner on what will probably not come. */
export function impatient(
  recorded: RecordedCase,
  { waitSeconds, commandSeconds }: Impatience,
): RecordedCase {
  const waits = <T extends { readonly seconds?: number }>(wait: T, usual: number): T => ({
    ...wait,
    seconds: Math.min(wait.seconds ?? usual, waitSeconds),
  })
  const steps = recorded.steps.map((step) => ({
    ...(step.collect === undefined ? step : waits(step, PATIENCE.collect)),
    ...(step.until && { until: waits(step.until, PATIENCE.until) }),
    ...(step.retryUntil && { retryUntil: waits(step.retryUntil, PATIENCE.retryUntil) }),
    ...(step.run && { limit: Math.min(step.limit ?? PATIENCE.limit, commandSeconds) }),
  }))
  return { ...recorded, steps }
}

/** No run of the case takes longer, unless something is broken. */
export function secondsMax({ steps }: RecordedCase): number {
  const slack = 30
  return steps.reduce(
    (sum, { sleep = 0, run, limit = PATIENCE.limit, until, retryUntil, collect, seconds }) =>
      sum +
      sleep +
      (run === undefined ? 0 : limit) +
      (until ? (until.seconds ?? PATIENCE.until) : 0) +
      (retryUntil ? (retryUntil.seconds ?? PATIENCE.retryUntil) : 0) +
      (collect === undefined ? 0 : (seconds ?? PATIENCE.collect)),
    slack,
  )
}

import { describe, expect, it } from 'vitest'
import { judgesRequired } from '../support/judges.js'
import { complaint, readKnownFailures } from './known-failures.js'
import { limiter } from './limiter.js'
import { type Outcomes, playFile } from './play.js'
import { recordings } from './recordings.js'
import type { Suite } from './suites.js'

/** Cases wait for their file, and files for each other; the players have bounds of their own. */
const WAIT_MS = 900_000

/** Each recorded case is a test. */
export function conformanceSuite(suite: Suite): void {
  const known = readKnownFailures(suite.name)
  const limit = limiter(suite.concurrency)
  const played = new Map<string, Promise<Outcomes>>()
  const all = recordings(suite.folders)

  if (suite.player() === undefined) {
    it.skipIf(!judgesRequired)(`${suite.name}: ${suite.missing}`, () => {
      expect.fail(suite.missing)
    })
    return
  }

  /** The first case to be run starts all files, so that files play side by side. */
  const outcomesOf = (file: string): Promise<Outcomes> | undefined => {
    if (played.size === 0)
      for (const recording of all) {
        const listed = known[recording.file] ?? {}
        const playing = limit(() => playFile(suite, recording, (name) => name in listed))
        // Whoever awaits it sees a failure; this only keeps it from counting as unhandled before.
        playing.catch((error: unknown) => error)
        played.set(recording.file, playing)
      }
    return played.get(file)
  }

  describe.each(all)('$file', ({ file, cases }) => {
    it.each(cases)(
      '$name',
      async ({ name }) => {
        const outcomes = await outcomesOf(file)
        const wrong = complaint(outcomes?.get(name), known[file]?.[name])
        if (wrong !== undefined) expect.fail(`${file}: ${name}\n${wrong}`)
      },
      WAIT_MS,
    )
  })

  it('every known failure names a recorded case', () => {
    const recorded = new Set(
      all.flatMap(({ file, cases }) => cases.map((c) => `${file}: ${c.name}`)),
    )
    const listed = Object.entries(known).flatMap(([file, cases]) =>
      Object.keys(cases).map((name) => `${file}: ${name}`),
    )
    expect(listed.filter((name) => !recorded.has(name))).toEqual([])
  })
}

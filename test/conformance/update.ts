// Plays the recordings and prints a table by file, and what is not as the lists of known failures say.
//   npm run conformance [-- FLAG ...] [http|kubectl|kubectl-lite|FILE ...]
//   --update   rewrite the lists instead
//   --show     also print what the known failures differ in
import { parseArgs } from 'node:util'
import {
  complaint,
  type KnownFailures,
  readKnownFailures,
  updated,
  writeKnownFailures,
} from './known-failures.js'
import { limiter } from './limiter.js'
import { type Outcomes, playFile } from './play.js'
import { type Recording, recordings } from './recordings.js'
import { type Suite, suites } from './suites.js'

/** In an update every case may fail, so each gets this many times the patience of one that does. */
const UPDATE_PATIENCE = 2

const { values, positionals } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const names = new Set(suites.map(({ name }) => name))
const fileFilters = positionals.filter((word) => !names.has(word))
const chosen = suites.filter(
  ({ name }) => positionals.includes(name) || positionals.every((word) => !names.has(word)),
)

let problems = 0
for (const suite of chosen) problems += await runSuite(suite)
process.exit(problems > 0 ? 1 : 0)

async function runSuite(suite: Suite): Promise<number> {
  if (suite.player() === undefined) {
    console.log(`\n${suite.name}: skipped, ${suite.missing}`)
    return 0
  }
  const known = readKnownFailures(suite.name)
  const chosenFiles = recordings(suite.folders).filter(
    ({ file }) => fileFilters.length === 0 || fileFilters.some((text) => file.includes(text)),
  )
  const results = await playAll(suite, chosenFiles, known)
  const count = printDifferences(results, known)
  printTable(suite, results)
  return values.update ? 0 : count
}

type Results = ReadonlyMap<Recording, Outcomes>

async function playAll(
  suite: Suite,
  files: readonly Recording[],
  known: KnownFailures,
): Promise<Results> {
  const limit = limiter(suite.concurrency)
  const { waitSeconds, commandSeconds } = suite.knownFailure
  const knownFailure = {
    waitSeconds: UPDATE_PATIENCE * waitSeconds,
    commandSeconds: UPDATE_PATIENCE * commandSeconds,
  }
  let list = known
  const results = await Promise.all(
    files.map((recording) =>
      limit(async () => {
        const listed = known[recording.file] ?? {}
        const outcomes = values.update
          ? await playFile({ ...suite, knownFailure }, recording, () => true)
          : await playFile(suite, recording, (name) => name in listed)
        console.error(`  ${suite.name} ${recording.file}`)
        // After each file, so that a run that is stopped has not been for nothing.
        list = withFile(list, recording.file, updated(outcomes, listed))
        if (values.update) writeKnownFailures(suite.name, list)
        return [recording, outcomes] as const
      }),
    ),
  )
  return new Map(results)
}

function withFile(
  known: KnownFailures,
  file: string,
  failing: Readonly<Record<string, string>>,
): KnownFailures {
  const entries = Object.entries({ ...known, [file]: failing })
  return Object.fromEntries(
    entries
      .filter(([, cases]) => Object.keys(cases).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function printTable(suite: Suite, results: Results): void {
  console.log(`\n| ${suite.name} | passed | of |\n|---|---|---|`)
  const byFolder = new Map<string, { passed: number; of: number }>()
  for (const [{ file, folder }, outcomes] of results) {
    const passed = [...outcomes.values()].filter((difference) => difference === undefined).length
    console.log(`| ${file} | ${passed} | ${outcomes.size} |`)
    const sum = byFolder.get(folder) ?? { passed: 0, of: 0 }
    byFolder.set(folder, { passed: sum.passed + passed, of: sum.of + outcomes.size })
  }
  for (const [folder, { passed, of }] of byFolder)
    console.log(`| **${folder}/** | ${passed} | ${of} |`)
}

/** Returns how many cases are not as the list says; an update has nothing to complain about. */
function printDifferences(results: Results, known: KnownFailures): number {
  let complaints = 0
  for (const [{ file }, outcomes] of results)
    for (const [name, difference] of outcomes) {
      const wrong = values.update ? undefined : complaint(difference, known[file]?.[name])
      if (wrong !== undefined) complaints++
      const text = wrong ?? (values.show ? difference : undefined)
      if (text !== undefined) console.log(`\n✗ ${file}: ${name}\n${text}`)
    }
  return complaints
}

// Plays the recordings, prints a table by file and, with --update, rewrites the known failures.
//   npm run conformance [-- --update] [http|kubectl|kubectl-lite|FILE ...]
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
const UPDATE_PATIENCE = 4

const { values, positionals } = parseArgs({
  options: { update: { type: 'boolean', default: false } },
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
  printTable(suite, results)
  if (values.update) {
    writeKnownFailures(suite.name, merged(known, results))
    return 0
  }
  return printComplaints(results, known)
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
  const results = await Promise.all(
    files.map((recording) =>
      limit(async () => {
        const listed = known[recording.file] ?? {}
        const outcomes = values.update
          ? await playFile({ ...suite, knownFailure }, recording, () => true)
          : await playFile(suite, recording, (name) => name in listed)
        console.error(`  ${suite.name} ${recording.file}`)
        return [recording, outcomes] as const
      }),
    ),
  )
  return new Map(results)
}

function merged(known: KnownFailures, results: Results): KnownFailures {
  const all: Record<string, Readonly<Record<string, string>>> = { ...known }
  for (const [{ file }, outcomes] of results) all[file] = updated(outcomes, known[file])
  return Object.fromEntries(
    Object.entries(all)
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

function printComplaints(results: Results, known: KnownFailures): number {
  let count = 0
  for (const [{ file }, outcomes] of results)
    for (const [name, difference] of outcomes) {
      const wrong = complaint(difference, known[file]?.[name])
      if (wrong === undefined) continue
      count++
      console.log(`\n✗ ${file}: ${name}\n${wrong}`)
    }
  return count
}

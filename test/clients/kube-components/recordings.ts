import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Recording } from './play.js'

/** What was seen of each scenario on the real API server with the real components: see record.ts. */
const FOLDER = new URL('../../corpus/components/', import.meta.url)

const fileOf = (scenario: string) => fileURLToPath(new URL(`${scenario}.json`, FOLDER))

export function recordingOf(scenario: string): Recording {
  const file = fileOf(scenario)
  if (!existsSync(file)) throw new Error(`${scenario} is not recorded: see record.ts`)
  return JSON.parse(readFileSync(file, 'utf8')) as Recording
}

export function record(scenario: string, recording: Recording): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(fileOf(scenario), `${JSON.stringify(recording, null, 1)}\n`)
}

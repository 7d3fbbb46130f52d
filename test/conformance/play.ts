import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { differencesByCase, isComplete } from './player-output.js'
import { corpus, impatient, type RecordedCase, type Recording, secondsMax } from './recordings.js'
import type { Suite } from './suites.js'

/** By case: what differs, or undefined where nothing does. */
export type Outcomes = ReadonlyMap<string, string | undefined>

/** The last play of a transcript begins when most files have ended, and the machine has time. */
const PLAYS_MAX = 3

/**
 * Plays one file on a plane of its own, the cases that are known to fail last and without much
 * patience. Many files are played at once on machines of any speed, and transcripts hold moments:
 * so what should pass and differs is played again, and only what differs each time differs.
 */
export async function playFile(
  suite: Suite,
  recording: Recording,
  isKnownToFail: (caseName: string) => boolean,
): Promise<Outcomes> {
  await using plane = await suite.start(recording.folder)
  using folder = temporaryFolder()
  const kubeconfigPath = join(folder.path, 'kubeconfig')
  writeFileSync(kubeconfigPath, plane.kubeconfig, { mode: 0o600 })
  const play = (cases: readonly RecordedCase[]) =>
    playCases(suite, recording.file, cases, { cwd: folder.path, kubeconfigPath })

  const expected = recording.cases.filter(({ name }) => !isKnownToFail(name))
  const known = recording.cases.filter(({ name }) => isKnownToFail(name))
  const outcomes = await play(expected)
  for (let plays = 1; plays < PLAYS_MAX; plays++) {
    const differing = expected.filter(({ name }) => outcomes.get(name) !== undefined)
    for (const [name, difference] of await play(differing)) outcomes.set(name, difference)
  }
  return new Map([
    ...outcomes,
    ...(await play(known.map((one) => impatient(one, suite.knownFailure)))),
  ])
}

interface PlayOptions {
  readonly cwd: string
  readonly kubeconfigPath: string
}

async function playCases(
  suite: Suite,
  file: string,
  cases: readonly RecordedCase[],
  { cwd, kubeconfigPath }: PlayOptions,
): Promise<Map<string, string | undefined>> {
  if (cases.length === 0) return new Map()
  const [script = '', ...flags] = suite.player() ?? []
  mkdirSync(join(cwd, dirname(file)), { recursive: true })
  writeFileSync(join(cwd, file), JSON.stringify({ cases }))
  const timeoutMs = 1000 * cases.reduce((sum, one) => sum + secondsMax(one), 0)
  const args = [join(corpus, script), '--kubeconfig', kubeconfigPath, ...flags, file]
  const output = await runPlayer(args, cwd, timeoutMs)
  const differing = differencesByCase(output, file)
  const unfinished = isComplete(output, file) ? undefined : `   no verdict: ${lastLines(output)}`
  return new Map(cases.map(({ name }) => [name, differing.get(name) ?? unfinished]))
}

/** Returns all the player printed; past the time it is stopped, and its output says so. */
function runPlayer(args: readonly string[], cwd: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    const timer = setTimeout(() => {
      output += `\nstopped after ${timeoutMs / 1000} s`
      child.kill('SIGKILL')
    }, timeoutMs)
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(output)
    })
  })
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join(' | ') || 'the player printed nothing'
}

function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'miniplane-conformance-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dump, load } from 'js-yaml'

/** file → case → why it fails; every case not listed has to pass. */
export type KnownFailures = Readonly<Record<string, Readonly<Record<string, string>>>>

const pathOf = (suite: string) =>
  fileURLToPath(new URL(`known-failures/${suite}.yaml`, import.meta.url))

export function readKnownFailures(suite: string): KnownFailures {
  const path = pathOf(suite)
  if (!existsSync(path)) return {}
  return (load(readFileSync(path, 'utf8')) as KnownFailures | null | undefined) ?? {}
}

export function writeKnownFailures(suite: string, known: KnownFailures): void {
  const head = [
    `# Recorded cases that still fail (${suite}), by file, each with its reason.`,
    '# A listed case that passes is an error, and so is an unlisted one that fails; but for those',
    '# whose reason begins with "race:", which pass or fail by the speed of the machine.',
    '# `npm run conformance -- --update` rewrites the list and keeps the reasons written by hand.',
  ].join('\n')
  const body = Object.keys(known).length > 0 ? dump(known, { lineWidth: 100 }) : ''
  writeFileSync(pathOf(suite), `${head}\n${body}`)
}

/**
 * How the reason of a case begins that passes or fails by the machine's speed: the recording caught
 * a moment that no two runs share. Neither outcome is an error then.
 */
const RACE = 'race:'

/** What is wrong with this outcome, given what is known; undefined when all is as expected. */
export function complaint(
  difference: string | undefined,
  reason: string | undefined,
): string | undefined {
  if (reason?.startsWith(RACE)) return undefined
  if (difference === undefined && reason !== undefined)
    return `unexpected pass: take it off the list of known failures (it was there for: ${reason})`
  if (difference !== undefined && reason === undefined)
    return `differs from the recording:\n${difference}`
  return undefined
}

/**
 * The list after a run: what fails now, with the reason that a person wrote, or with where it
 * first differs. A `todo:` is renewed, since the first difference moves as work goes on.
 */
export function updated(
  outcomes: ReadonlyMap<string, string | undefined>,
  known: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const failing: Record<string, string> = {}
  for (const [name, difference] of outcomes) {
    const reason = known[name]
    if (difference === undefined && !reason?.startsWith(RACE)) continue
    failing[name] =
      reason !== undefined && !reason.startsWith('todo:')
        ? reason
        : `todo: ${firstOf(difference ?? '')}`
  }
  return failing
}

/** The step and the first thing in it that differs, without the names of this one run. */
function firstOf(difference: string): string {
  const [step = '', first = ''] = difference.split('\n').map((line) => line.trim())
  const path = /^([\w.\-/]*): want /.exec(first)?.[1] ?? first
  return `${step}: ${path}`
    .replace(/\b(corpus|kt)-[a-z0-9]{6,}/g, '{ns}')
    .replace(/\bc[a-z0-9]{6}\b/g, '{id}')
    .slice(0, 160)
}

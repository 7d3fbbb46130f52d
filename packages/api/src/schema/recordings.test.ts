import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { parseYaml } from '../yaml/parse.js'
import { toYaml } from '../yaml/print.js'
import { builtinResources, namedSchema } from './builtin-model.js'
import { decodeObject } from './decode.js'
import { gvkOf } from './group-version.js'
import { ResourceCatalog } from './resource-catalog.js'

// What a real server and a real kubectl wrote must come out of our codecs as it went in.

const corpus = new URL('../../../../test/corpus/', import.meta.url)
const files = ['machinery', 'kinds', 'extension', 'kubectl'].flatMap((folder) =>
  readdirSync(new URL(folder, corpus)).map((name) => `${folder}/${name}`),
)
const catalog = new ResourceCatalog(builtinResources())
const MICRO_TIMES = new Set(['renewTime', 'acquireTime', 'eventTime', 'lastObservedTime'])

/** Recordings hold names for what differs from run to run. */
function withValues(text: string): string {
  return text
    .replaceAll('<time>', '2024-01-01T00:00:00Z')
    .replaceAll(/<uid(#\d+)?>/g, '0a1b2c3d-1111-2222-3333-444455556666')
    .replaceAll(/<rv(#\d+)?>/g, '1234')
    .replaceAll(/<(\w+)(#\d+)?>/g, '$1')
    .replaceAll(/\{(ns|id)\}/g, 'x$1')
}

interface Recorded {
  readonly kind: string
  readonly apiVersion: string
}

function* objectsIn(value: unknown): Generator<Recorded> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item)
  else if (typeof value === 'object' && value !== null) {
    if ('kind' in value && 'apiVersion' in value && 'metadata' in value) yield value as Recorded
    else for (const each of Object.values(value)) yield* objectsIn(each)
  }
}

function schemaOf({ apiVersion, kind }: Recorded) {
  if (kind === 'Status') return namedSchema('meta.v1.Status')
  return apiVersion.split('/').length > 2
    ? undefined
    : catalog.byKind(gvkOf(apiVersion, kind))?.schema
}

function* steps(
  file: string,
): Generator<{ answer?: { body?: unknown; stdout?: string | string[] } }> {
  const { cases } = JSON.parse(readFileSync(new URL(file, corpus), 'utf8'))
  for (const { steps } of cases) yield* steps
}

/** Times of a Lease and the like have a fraction, which the recordings' name does not tell. */
const withMicroTimes = (text: string) =>
  JSON.parse(text, (key, value) =>
    MICRO_TIMES.has(key) && value === '<time>' ? '2024-01-01T00:00:00.000000Z' : value,
  )

describe('decoding keeps every object of a real server', () => {
  test.each(files.filter((file) => !file.startsWith('kubectl/')))('%s', (file) => {
    for (const { answer } of steps(file)) {
      const text = JSON.stringify(answer ?? null)
      for (const recorded of objectsIn(withMicroTimes(text))) {
        const schema = schemaOf(recorded)
        // Parts that no two servers share are left out of the recordings.
        if (!schema || JSON.stringify(recorded).includes('<ignored>')) continue
        const object = JSON.parse(withValues(JSON.stringify(recorded)))
        const decoded = decodeObject(object, schema, { strict: true })
        expect(decoded.unknown).toEqual([])
        expect(decoded.object).toEqual(object)
      }
    }
  })
})

it('printing gives the YAML that a real kubectl and a real server printed', () => {
  let documents = 0
  for (const file of files) {
    for (const { answer } of steps(file)) {
      const { body, stdout } = answer ?? {}
      const text = Array.isArray(stdout) ? stdout.join('\n') : (stdout ?? body)
      if (typeof text !== 'string' || !text.startsWith('apiVersion: ')) continue
      // A line that was broken at its width, and a number past a double's precision.
      if (/\{id\}|\| head|9007199254740993/.test(text)) continue
      for (const document of withValues(text).split(/^---\n/m)) {
        if (!document.endsWith('\n')) continue
        expect(toYaml(parseYaml(document).value)).toBe(document)
        documents++
      }
    }
  }
  expect(documents).toBeGreaterThan(30)
})

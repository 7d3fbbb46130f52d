import { builtinResources, type Schema } from '@miniplane/api'
import { expect, it } from 'vitest'
import { recordings } from './recordings.js'

const schemas = new Map(
  builtinResources().map(({ group, version, kind, schema }) => [
    `${group === '' ? '' : `${group}/`}${version} ${kind}`,
    schema,
  ]),
)

/** Every struct's names must come in the order of its schema's fields. */
function* disorders(value: unknown, schema: Schema): Generator<string> {
  if (Array.isArray(value)) {
    if (schema.type === 'list') for (const item of value) yield* disorders(item, schema.items)
  } else if (typeof value === 'object' && value !== null) {
    if (schema.type === 'map')
      for (const item of Object.values(value)) yield* disorders(item, schema.values)
    if (schema.type !== 'struct') return
    const names = Object.keys(value).filter((name) => schema.fields.has(name))
    const wanted = [...schema.fields.keys()].filter((name) => names.includes(name))
    if (names.join() !== wanted.join()) yield `${schema.name}: ${names} instead of ${wanted}`
    for (const name of names) {
      const field = schema.fields.get(name)
      if (field) yield* disorders((value as Record<string, unknown>)[name], field.schema)
    }
  }
}

const isObject = (value: unknown): value is { apiVersion?: string; kind?: string } =>
  typeof value === 'object' && value !== null

/** The objects that the real server wrote. */
function* answers(): Generator<unknown> {
  for (const { cases } of recordings(['machinery', 'kinds']))
    for (const { steps } of cases)
      for (const { answer } of steps as { answer?: { body?: unknown } }[])
        if (isObject(answer?.body)) yield answer.body
}

it('fields are written in the order in which the real server writes them', () => {
  const found = new Set<string>()
  let compared = 0
  for (const body of answers()) {
    const { apiVersion, kind } = body as { apiVersion?: string; kind?: string }
    const schema = schemas.get(`${apiVersion} ${kind}`)
    if (!schema) continue
    compared++
    for (const disorder of disorders(body, schema)) found.add(disorder)
  }
  expect(compared).toBeGreaterThan(500)
  expect([...found]).toEqual([])
})

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryObject } from '../schema/arbitrary-object.suite.js'
import { namedSchema } from '../schema/builtin-model.js'
import { ApplyConflict, applyOwnership } from './apply-ownership.js'
import type { ManagedSets } from './managed-sets.js'
import { formatPath } from './path-element.js'
import { updateOwnership } from './update-ownership.js'
import { TypedValueError, validateApplied } from './validate-applied.js'

type JsonObject = Record<string, unknown>

const judge = fileURLToPath(new URL('../../../../test/clients/bin/ownership', import.meta.url))
const STORIES = 400

interface Story {
  readonly apiVersion: string
  readonly kind: string
  readonly type: string
  readonly writes: readonly Write[]
}

interface Write {
  readonly verb: 'apply' | 'update'
  readonly manager: string
  readonly force: boolean
  readonly object: JsonObject
}

interface Outcome {
  readonly refused?: string
  readonly conflicts?: readonly string[]
  readonly object: JsonObject | null
  readonly owners: Readonly<Record<string, unknown>>
}

const KINDS = [
  ['v1', 'ConfigMap', 'core.v1'],
  ['v1', 'Service', 'core.v1'],
  ['v1', 'Pod', 'core.v1'],
  ['v1', 'Node', 'core.v1'],
  ['v1', 'ServiceAccount', 'core.v1'],
  ['v1', 'PersistentVolume', 'core.v1'],
  ['apps/v1', 'Deployment', 'apps.v1'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'autoscaling.v2'],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'discovery.k8s.io.v1'],
  ['networking.k8s.io/v1', 'Ingress', 'networking.k8s.io.v1'],
] as const

const stories: fc.Arbitrary<Story> = fc
  .constantFrom(...KINDS)
  .chain(([apiVersion, kind, group]) => {
    const type = `${group}.${kind}`
    return fc
      .tuple(
        fc.array(arbitraryObject(namedSchema(type)), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...DAMAGES)), { maxLength: 3 }),
        fc.array(writes, { minLength: 2, maxLength: 6 }),
      )
      .map(([objects, damages, turns]) => ({
        ...{ apiVersion, kind, type },
        writes: turns.map(({ choice, ...turn }, i) => {
          const object = structuredClone(objects[choice % objects.length] as JsonObject)
          for (const [on, place, damage] of damages)
            if (on % turns.length === i) damage(object, place)
          return { ...turn, object }
        }),
      }))
  })

const writes = fc.record({
  verb: fc.constantFrom('apply' as const, 'apply' as const, 'update' as const),
  manager: fc.constantFrom('one', 'two', 'three'),
  force: fc.boolean(),
  choice: fc.nat(),
})

/** What people do to objects: leave something out, set it to null, say an item twice, err in a type. */
const DAMAGES = [
  (object: JsonObject, place: number) => atPlace(object, place, (part, key) => remove(part, key)),
  (object: JsonObject, place: number) =>
    atPlace(object, place, (part, key) => Object.assign(part, { [key]: null })),
  (object: JsonObject, place: number) =>
    atPlace(object, place, (part, key) => Object.assign(part, { [key]: 5 })),
  (object: JsonObject, place: number) =>
    atPlace(object, place, (part, key) => {
      if (Array.isArray(part)) part.push(structuredClone(part[Number(key)]))
    }),
]

function remove(part: object, key: string): void {
  if (Array.isArray(part)) part.splice(Number(key), 1)
  else delete (part as JsonObject)[key]
}

function atPlace(root: JsonObject, place: number, act: (part: object, key: string) => void): void {
  const places: [object, string][] = []
  const visit = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return
    for (const [key, value] of Object.entries(part)) {
      places.push([part, key])
      visit(value)
    }
  }
  visit(root)
  const chosen = places[place % places.length]
  if (chosen) act(...chosen)
}

/** As test/clients/ownership/main.go tells it. */
function tell({ type, writes }: Story): Outcome[] {
  const schema = namedSchema(type)
  const versions = { schemaOf: () => schema, convert: (object: JsonObject) => object }
  let live: JsonObject = {}
  let managers: ManagedSets = new Map()
  return writes.map(({ verb, manager, force, object }) => {
    const common = { apiVersion: 'v1', managers, manager, versions }
    const outcome: { refused?: string; conflicts?: string[] } = {}
    const refused = refusal(object, verb, type)
    if (refused) outcome.refused = refused
    else if (verb === 'update') {
      managers = updateOwnership({ ...common, before: live, after: object }).managers
      live = object
    } else {
      try {
        const applied = applyOwnership({ ...common, live, config: object, force })
        managers = applied.managers
        live = applied.object ?? live
      } catch (error) {
        if (!(error instanceof ApplyConflict)) throw error
        outcome.conflicts = error.conflicts.map((one) => `${one.manager}: ${formatPath(one.path)}`)
      }
    }
    const owned = [...managers].map(([name, { fields }]) => [name, fields.toFieldsV1()])
    return { ...outcome, object: live, owners: Object.fromEntries(owned) }
  })
}

/** Live objects may hold an item twice. */
function refusal(object: JsonObject, verb: Write['verb'], type: string): string | undefined {
  try {
    validateApplied(object, namedSchema(type))
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error
    const faults = error.faults.filter((fault) => verb === 'apply' || !/duplicate/.test(fault))
    return faults.length > 0 ? new TypedValueError(faults).message : undefined
  }
  return undefined
}

/** Without what is chance in Go: the order of faults and conflicts, and of an object's keys. */
function comparable({ refused, conflicts, object, owners }: Outcome): unknown {
  const texts = {
    faults: refused?.split('\n').sort(),
    conflicts: conflicts && [...conflicts].sort(),
  }
  // The order of elements within a manager's fields counts.
  const written = Object.entries(owners).map(([name, fields]) => [name, JSON.stringify(fields)])
  return { ...texts, object: object ?? {}, owners: Object.fromEntries(written) }
}

// Built by test/clients/build.sh, which needs Go.
test.skipIf(!existsSync(judge))(
  'the module that the real server merges with has the same objects and owners after every write',
  () => {
    const told = fc.sample(stories, { numRuns: STORIES, seed: 20261121 })
    const input = told.map((story) => JSON.stringify(story)).join('\n')
    const { stdout, stderr, status } = spawnSync(judge, { input, maxBuffer: 1 << 28 })
    expect(status, stderr.toString()).toBe(0)
    const judged = stdout.toString().trimEnd().split('\n')
    expect(judged).toHaveLength(STORIES)
    for (const [i, story] of told.entries()) {
      const outcomes = JSON.parse(judged[i] as string) as Outcome[]
      expect(tell(story).map(comparable), JSON.stringify(story)).toEqual(outcomes.map(comparable))
    }
  },
  60_000,
)

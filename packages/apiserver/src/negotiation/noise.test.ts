import {
  apiVersionOf,
  builtinResources,
  encodeJsonText,
  encodeMessage,
  type Random,
  type ResourceDefinition,
  randomObject,
  sealEnvelope,
  seededRandom,
} from '@miniplane/api'
import { expect, it } from 'vitest'
import { requestOf, startServer } from '../server.fixture.js'

const ROUNDS = 6
const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** An object that the schema allows; a bit more often one that could be created. */
function anObject(random: Random, { schema, kind, ...version }: ResourceDefinition) {
  const object = randomObject(random, schema, { kind, apiVersion: apiVersionOf(version) })
  if (random.next() < 0.3) return object
  const name = `n${Math.floor(random.next() * 20)}`
  return { ...object, metadata: { name, creationTimestamp: null } }
}

/** The object as a body, in one time of three with some bytes changed. */
function bodyOf(random: Random, definition: ResourceDefinition, type: string): Uint8Array {
  const object = anObject(random, definition)
  const { kind, schema } = definition
  const apiVersion = apiVersionOf(definition)
  const body =
    type === JSON_TYPE
      ? Buffer.from(encodeJsonText(object))
      : sealEnvelope({ kind, apiVersion, raw: encodeMessage(object, schema) })
  if (random.next() < 0.3)
    for (let left = 3; left > 0; left--)
      body[Math.floor(random.next() * body.length)] = Math.floor(random.next() * 256)
  return body
}

const stackOf = (error: unknown) => (error instanceof Error ? error.stack : undefined)

it.each([PROTOBUF, JSON_TYPE])('whatever is posted as %s is taken or refused', async (type) => {
  const bugs: string[] = []
  const { server, close } = await startServer({
    // It waits for an account, which nobody makes here.
    disableAdmissionPlugins: ['ServiceAccount'],
    log: {
      debug() {},
      info() {},
      warn() {},
      error: (message, details) => bugs.push(`${message}: ${stackOf(details?.error)}`),
    },
  })
  const random = seededRandom(2)
  const codes = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    for (const definition of builtinResources()) {
      const { verbs, group, version, namespaced, resource } = definition
      if (!verbs.includes('create')) continue
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
      const { status } = await server.handle(
        requestOf('POST', `${root}${namespaced ? '/namespaces/default' : ''}/${resource}`, {
          headers: { 'content-type': type, accept: type },
          body: bodyOf(random, definition, type),
        }),
      )
      codes.add(status)
    }
  }
  expect(bugs).toEqual([])
  expect([...codes]).toEqual(expect.arrayContaining([201, 400, 422]))
  await close()
})

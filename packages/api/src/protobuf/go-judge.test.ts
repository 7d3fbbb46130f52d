import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { seededRandom } from '../chance/seeded-random.js'
import { stringifyJson } from '../json/encode.js'
import { builtinResources } from '../schema/builtin-model.js'
import { apiVersionOf } from '../schema/group-version.js'
import { randomObject } from '../schema/random-object.js'
import { encodeMessage } from './encode-message.js'
import { sealEnvelope } from './envelope.js'
import { messageSchema } from './message-schema.js'

const judge = fileURLToPath(new URL('../../../../test/clients/bin/protobuf', import.meta.url))

/** Their Go types are in modules that no client needs. */
const NOT_IN_CLIENTS = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])
const BESIDE_RESOURCES = [
  { kind: 'Scale', apiVersion: 'autoscaling/v1' },
  { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1' },
  { kind: 'Eviction', apiVersion: 'policy/v1' },
  { kind: 'Status', apiVersion: 'v1' },
  { kind: 'DeleteOptions', apiVersion: 'v1' },
  { kind: 'APIResourceList', apiVersion: 'v1' },
  { kind: 'APIGroupList', apiVersion: 'v1' },
  { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
  { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' },
]
const OBJECTS_A_KIND = 5

const types = [
  ...builtinResources()
    .filter(({ group }) => !NOT_IN_CLIENTS.has(group))
    .flatMap((one) =>
      [one.kind, one.listKind].map((kind) => ({ kind, apiVersion: apiVersionOf(one) })),
    ),
  ...BESIDE_RESOURCES,
]

function* pairs(): Generator<string> {
  let seed = 0
  for (const type of types) {
    const schema = messageSchema(type.apiVersion, type.kind)
    if (!schema) continue
    for (let i = 0; i < OBJECTS_A_KIND; i++) {
      const json = randomObject(seededRandom(++seed), schema, type)
      const protobuf = sealEnvelope({ ...type, raw: encodeMessage(json, schema) })
      const name = `${type.apiVersion} ${type.kind}, seed ${seed}`
      yield stringifyJson({ name, json, protobuf: protobuf.toString('base64') })
    }
  }
}

// Built by test/clients/build.sh, which needs Go.
test.skipIf(!existsSync(judge))(
  "Go's own types read and write the same bytes and the same JSON",
  () => {
    const { stdout, status } = spawnSync(judge, { input: [...pairs()].join('\n') })
    expect(stdout.toString()).toMatch(/^judged \d+, wrong 0\n$/)
    expect(status).toBe(0)
  },
)

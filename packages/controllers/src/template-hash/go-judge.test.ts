import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  decodeObject,
  namedSchema,
  type PodTemplateSpec,
  randomObject,
  seededRandom,
  stringifyJson,
} from '@miniplane/api'
import { expect, test } from 'vitest'
import { revisionData, revisionHash } from './revision-hash.js'
import { templateHash, templateText } from './template-hash.js'

const judge = fileURLToPath(new URL('../../../../test/clients/bin/hash', import.meta.url))

interface Question {
  readonly template: PodTemplateSpec
  readonly collisionCount?: number
}

/** As test/clients/hash/main.go tells it. */
interface Answer {
  readonly text: string
  readonly templateHash: string
  readonly data: string
  readonly revisionHash: string
}

const COUNTS = [undefined, 0, 1, 70_000]
const TEMPLATES = 100

const schema = namedSchema('core.v1.PodTemplateSpec')
const randomTemplates = Array.from({ length: TEMPLATES }, (_, seed) => {
  return randomObject(seededRandom(seed), schema) as unknown as PodTemplateSpec
})

/** As a server hands it out. */
function withLimit(quantity: string): PodTemplateSpec {
  const container = { name: 'web', resources: { limits: { memory: quantity } } }
  const volume = { name: 'cache', emptyDir: { sizeLimit: quantity } }
  const template = { metadata: {}, spec: { containers: [container], volumes: [volume] } }
  return decodeObject(template, schema).object as unknown as PodTemplateSpec
}

/** Each way in which Go may hold a number, and the borders between them. */
const QUANTITIES = [
  ...[
    '0',
    '0m',
    '0Gi',
    '0.0',
    '0.0Ki',
    '00',
    '-0',
    '1',
    '-1',
    '+5',
    '007',
    '1000',
    '1000m',
    '12000k',
  ],
  ...['0.5', '.5', '1.', '1.5', '1.500', '0.001', '100m', '1n', '0.1n', '-0.1n', '1.0000000001'],
  ...[
    '1Ki',
    '3Ki',
    '8Ki',
    '64Mi',
    '100Mi',
    '1.5Gi',
    '-5Mi',
    '0.0005Ki',
    '12345678901Ki',
    '999999Gi',
  ],
  ...[
    '1023Pi',
    '7Ei',
    '8Ei',
    '9999999999Mi',
    '16Ei',
    '-16Ei',
    '1e3',
    '1E3',
    '12e6',
    '100e-3',
    '1e18',
  ],
  ...['1E', '5T', '999999999999999999', '9999999999999999999', '123456789012345678901234567890e9'],
]

function ask(questions: readonly Question[]): Answer[] {
  const input = questions.map((question) => stringifyJson(question)).join('\n')
  // A container has no time zone; the hash of a template with a time in it depends on that.
  const env = { ...process.env, TZ: '' }
  const { stdout, stderr } = spawnSync(judge, { input, env, maxBuffer: 256 << 20 })
  expect(stderr.toString()).toBe('')
  return stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer)
}

function ours({ template, collisionCount }: Question): Answer {
  const data = revisionData(template)
  return {
    text: templateText(template),
    templateHash: templateHash(template, collisionCount),
    data,
    revisionHash: revisionHash(data, collisionCount),
  }
}

// Built by test/clients/build.sh, which needs Go.
test.skipIf(!existsSync(judge)).each([
  ['any template', randomTemplates],
  ['quantities', QUANTITIES.map(withLimit)],
])("%s: the real controllers' hashes", (_, templates) => {
  const questions = templates.map((template, i) => {
    const collisionCount = COUNTS[i % COUNTS.length]
    return { template, ...(collisionCount === undefined ? {} : { collisionCount }) }
  })
  const answers = ask(questions)
  expect(answers).toHaveLength(questions.length)
  for (const [i, question] of questions.entries()) expect(ours(question)).toEqual(answers[i])
})

import type { KubeObject, Status } from '@miniplane/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FuzzedServer } from './fuzzed-server.fixture.js'
import { fill } from './read-back.fixture.js'

const fuzzed = new FuzzedServer()
beforeAll(async () => {
  await fuzzed.start()
  await fill(fuzzed)
})
afterAll(() => fuzzed.close())

const STRATEGIC = 'application/strategic-merge-patch+json'
const MERGE = 'application/merge-patch+json'
const CLASS = '/apis/resource.k8s.io/v1/deviceclasses/a'

async function ask(method: string, url: string, body?: string, type = 'application/json') {
  const headers = { 'content-type': type }
  const answer = await fuzzed.ask({ method, url, headers, ...(body !== undefined && { body }) })
  return { status: answer.status, object: JSON.parse(answer.text) as KubeObject & Status }
}

it.each(['{"kind":"null"}', '{"kind":null}', '{"apiVersion":"NaN"}'])(
  'seed 1: an object is of its kind whatever a strategic patch calls it: %s',
  async (body) => {
    const { status, object } = await ask('PATCH', CLASS, body, STRATEGIC)
    expect(status).toBe(200)
    expect(object).toMatchObject({ kind: 'DeviceClass', apiVersion: 'resource.k8s.io/v1' })
    expect((await ask('GET', CLASS)).object).toEqual(object)
  },
)

it.each([
  ['{"apiVersion":-1}', 'number', 'apiVersion'],
  ['{"kind":[]}', 'array', 'kind'],
])('seed 1: a type that is no text is refused in a merge patch: %s', async (body, type, name) => {
  const { status, object } = await ask('PATCH', CLASS, body, MERGE)
  expect(status).toBe(422)
  expect(object.message).toContain(
    `json: cannot unmarshal ${type} into Go struct field .${name} of type string`,
  )
})

it('seed 1: a CSIDriver that is written again unchanged keeps its version', async () => {
  const url = '/apis/storage.k8s.io/v1/csidrivers/a'
  const { object } = await ask('GET', url)
  expect((await ask('PUT', url, JSON.stringify(object))).object).toEqual(object)
})

it('seed 77: half of a surrogate pair is replaced before it is a name that nobody can ask for', async () => {
  const url = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
  const { status } = await ask('POST', url, String.raw`{"metadata":{"name":"\ud800"},"rules":[]}`)
  expect(status).toBe(201)
  const { object } = await ask('GET', `${url}/${encodeURIComponent('\ufffd')}`)
  expect(object.metadata.name).toBe('\ufffd')
})

it.each([
  ['null', 'server does not recognize this encoded version '],
  ['{"v":{}}', 'json: cannot unmarshal object into Go struct field continueToken.v of type string'],
  ['[]', 'json: cannot unmarshal array into Go value of type storage.continueToken'],
])('seed 42: a continue token of %s is none', async (token, problem) => {
  const text = Buffer.from(token).toString('base64url')
  const { status, object } = await ask('GET', `/api/v1/pods?continue=${text}`)
  expect(status).toBe(400)
  const prefix = 'invalid continue token: continue key is not valid: '
  expect(object.message).toBe(prefix + problem)
})

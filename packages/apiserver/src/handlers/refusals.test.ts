import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FuzzedServer } from '../fuzz/fuzzed-server.fixture.js'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const A = `${CONFIG_MAPS}/a`
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/d'
const DRY = '?dryRun=All'

const served = new FuzzedServer()
const pod = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

beforeAll(async () => {
  await served.start()
  const made = [
    [CONFIG_MAPS, { metadata: { name: 'a' }, data: { k: 'v' } }],
    [
      '/apis/apps/v1/namespaces/default/deployments',
      {
        metadata: { name: 'd' },
        spec: { selector: { matchLabels: { a: 'b' } }, template: pod },
      },
    ],
  ] as const
  for (const [url, body] of made) await ask('POST', url, body)
})
afterAll(() => served.close())

async function ask(
  method: string,
  url: string,
  sent?: unknown,
  type = 'application/json',
  accept = 'application/json',
) {
  const body = sent === undefined || typeof sent === 'string' ? sent : JSON.stringify(sent)
  const { status, text, headers } = await served.ask({
    method,
    url,
    headers: { 'content-type': type, accept },
    ...(body !== undefined && { body }),
  })
  const isJson = headers['content-type'] === 'application/json' && text !== ''
  const object = isJson ? (JSON.parse(text) as { message?: string }) : { message: text }
  return { status, message: object.message, object, warnings: headers.warning }
}

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const NOT_VALID = 'invalid continue token: continue key is not valid'
const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

// Every text here was compared with a real 1.36.3.

describe('a list is refused for', () => {
  it.each([
    ['limit=', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['labelSelector=%3D&timeoutSeconds=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['continue=ab!c', `${NOT_VALID}: illegal base64 data at input byte 2`],
    ['continue=abcde', `${NOT_VALID}: illegal base64 data at input byte 4`],
    [
      `continue=${token({ v: 'meta.k8s.io/v1', rv: 'x' })}`,
      `${NOT_VALID}: json: cannot unmarshal string into Go struct field continueToken.rv of type int64`,
    ],
    [
      `continue=${token({ v: 'meta.k8s.io/v1', rv: 1.5 })}`,
      `${NOT_VALID}: json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64`,
    ],
    [`continue=${token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a//b' })}`, `${NOT_VALID}: a//b`],
  ])('%s', async (query, message) => {
    expect(await ask('GET', `${CONFIG_MAPS}?${query}`)).toMatchObject({ status: 400, message })
  })

  it('a place in another collection, which means the same place in this one', async () => {
    const start = token({ v: 'meta.k8s.io/v1', rv: -1, start: 'a\0' })
    const { object } = await ask('GET', `${CONFIG_MAPS}?continue=${start}`)
    expect(object).toMatchObject({ kind: 'ConfigMapList', items: [] })
  })
})

describe('deletion options are refused for', () => {
  it.each<[body: unknown, message: string]>([
    [
      { kind: 'ConfigMap' },
      'no kind "ConfigMap" is registered for version "meta.k8s.io/v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
    [
      { kind: 'Status', apiVersion: 'v1' },
      'converting (v1.Status) to (v1.DeleteOptions): unknown conversion',
    ],
    [{ apiVersion: 'a/b/c' }, 'unexpected GroupVersion string: a/b/c'],
    [
      { kind: [] },
      "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go struct field .kind of type string",
    ],
    [
      { propagationPolicy: 5 },
      'json: cannot unmarshal number into Go struct field DeleteOptions.propagationPolicy of type v1.DeletionPropagation',
    ],
    [
      '[]',
      `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${TYPE_META}`,
    ],
  ])('%j', async (body, message) => {
    expect(await ask('DELETE', A, body)).toMatchObject({ status: 400, message })
  })
})

describe('what a deletion demands', () => {
  const deletion = (url: string, body?: unknown) => ask('DELETE', `${url}`, body)

  it.each([
    [
      `${A}?uid=5`,
      'ConfigMap "a": the UID in the precondition (5) does not match the UID in record',
    ],
    [
      `${CONFIG_MAPS}?resourceVersion=0`,
      'ConfigMap "a": the ResourceVersion in the precondition (0) does not match',
    ],
    [
      '/api/v1/namespaces/kube-node-lease?uid=5',
      'namespaces "kube-node-lease": Precondition failed: UID in precondition: 5, UID in object meta: ',
    ],
  ])('may stand in the query: %s', async (url, message) => {
    const answer = await deletion(url)
    expect(answer.status).toBe(409)
    expect(answer.message).toContain(`Operation cannot be fulfilled on ${message}`)
  })

  it('is read from the body when there is one', async () => {
    expect(await deletion(`${A}?dryRun=All&uid=5`, { dryRun: ['All'] })).toMatchObject({
      status: 200,
    })
  })

  it('has a media type whose parameters have values', async () => {
    const read = (type: string) =>
      ask('DELETE', A, '{"dryRun":["All"]}', `application/json;${type}`)
    expect(await read('charset=utf-8; a="b;c"')).toMatchObject({ status: 200 })
    expect(await read('a=b;c')).toMatchObject({ status: 415 })
  })
})

describe('a body is refused for', () => {
  const prefix = 'the object provided is unrecognized (must be of type ConfigMap): '
  it.each<[body: unknown, message: string]>([
    [
      { kind: 'ConfigMap', apiVersion: 'a/b/c' },
      `${prefix}unexpected GroupVersion string: a/b/c ({"kind":"ConfigMap","apiVersio ...)`,
    ],
    [
      { kind: 5 },
      `${prefix}couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})`,
    ],
    [
      { kind: 'ConfigMapList', apiVersion: 'v1' },
      'ConfigMapList in version "v1" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to (core.ConfigMap): unknown conversion',
    ],
    [
      { kind: 'Status', apiVersion: 'v1' },
      'Status in version "v1" cannot be handled as a ConfigMap: converting (v1.Status) to (core.ConfigMap): unknown conversion',
    ],
  ])('%j', async (body, message) => {
    expect(await ask('POST', CONFIG_MAPS, body)).toMatchObject({ status: 400, message })
  })

  it('nothing when it leaves its version empty', async () => {
    const body = { kind: 'ConfigMap', apiVersion: '', metadata: { name: 'b' } }
    expect(await ask('POST', CONFIG_MAPS + DRY, body)).toMatchObject({ status: 201 })
  })
})

describe('YAML that says a thing twice', () => {
  const yaml = 'metadata: {name: twice}\ndata: {k: v, k: w, j: a, j: b}'
  const lines = ['line 2: key "k" already set in map', 'line 2: key "j" already set in map']

  it('is warned of, line by line', async () => {
    const { status, warnings } = await ask('POST', CONFIG_MAPS + DRY, yaml, 'application/yaml')
    expect(status).toBe(201)
    expect(warnings).toEqual(lines.map((line) => `299 - ${JSON.stringify(line)}`))
  })

  it('is refused by strict decoding', async () => {
    const url = `${CONFIG_MAPS + DRY}&fieldValidation=Strict`
    const { message } = await ask('POST', url, `${yaml}\nfoo: 1`, 'application/yaml')
    expect(message).toBe(
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  ${lines.join('\n  ')}, unknown field "foo"`,
    )
  })
})

describe('patches', () => {
  const patch = (type: string, body: unknown, url = A + DRY) =>
    ask('PATCH', url, body, `application/${type}+json`)
  const REJECTED = 'the server rejected our request due to an error in our request'

  it.each<[body: unknown, status: number, message: string | undefined]>([
    ['null', 200, undefined],
    [[null], 422, REJECTED],
    [[{ op: 'add', path: '', value: {} }], 422, REJECTED],
    [[{ op: 'copy', from: '/data/none', path: '/data/m' }], 200, undefined],
    [
      ['x'],
      400,
      'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
    ],
    [
      [{ op: 5, path: '/x' }],
      400,
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    ],
  ])('in JSON: %j is answered %i', async (body, status, message) => {
    const answer = await patch('json-patch', body)
    expect([answer.status, answer.message]).toEqual([status, message])
  })

  it('complain of what they say twice or in vain', async () => {
    const twice = await patch('merge-patch', '{"data":{"k":"1","k":"2"}}')
    expect(twice.warnings).toEqual(['299 - "duplicate field \\"data.k\\""'])
    const vain = await patch('json-patch', [{ op: 'add', path: '/data/n', value: 'x', extra: 1 }])
    expect(vain.warnings).toEqual(['299 - "json patch unknown field \\"[0].extra\\""'])
  })

  it('quote what they took apart in the order of its keys', async () => {
    const { message } = await patch('merge-patch', { metadata: { labels: 5 } })
    expect(message).toContain('\\"metadata\\":{\\"creationTimestamp\\":')
    const { message: untouched } = await patch('merge-patch', { data: 5 })
    expect(untouched).toContain('\\"metadata\\":{\\"name\\":\\"a\\",\\"namespace\\":')
  })

  it('strategic ones have errors of their own', async () => {
    const spec = (of: object) => ({ spec: { template: { spec: of } } })
    const order = spec({ '$setElementOrder/containers': 'x' })
    expect(await patch('strategic-merge-patch', order, DEPLOYMENT + DRY)).toMatchObject({
      status: 500,
      message: 'expected a []interface {}, but received a string',
    })
    expect(await patch('strategic-merge-patch', 'null', DEPLOYMENT + DRY)).toMatchObject({
      status: 200,
    })
  })
})

describe('a name that is taken', () => {
  it('is said to have been made when it might have been', async () => {
    const body = { metadata: { name: 'a', generateName: 'a' } }
    expect(await ask('POST', CONFIG_MAPS, body)).toMatchObject({
      status: 409,
      object: { details: { retryAfterSeconds: 1 } },
      message:
        'configmaps "a" already exists, the server was not able to generate a unique name for the object',
    })
  })
})

describe('apply', () => {
  const apply = (name: string, body: unknown) =>
    ask('PATCH', `${CONFIG_MAPS}/${name}?fieldManager=m`, body, 'application/apply-patch+yaml')
  const of = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

  it('may give up all that it owns', async () => {
    const owned = { ...of('o'), data: { k: 'v' }, metadata: { name: 'o', labels: { l: '1' } } }
    expect(await apply('o', owned)).toMatchObject({ status: 201 })
    const { status, object } = await apply('o', of('o'))
    expect(status).toBe(200)
    expect(object).not.toHaveProperty('data')
    expect(object).not.toHaveProperty('metadata.labels')
    expect(object).not.toHaveProperty('metadata.managedFields')
  })

  it.each([undefined, {}])('owns no metadata that it does not speak of: %o', async (metadata) => {
    const { object } = await apply('o', { apiVersion: 'v1', kind: 'ConfigMap', metadata })
    expect(object).not.toHaveProperty('metadata.managedFields')
  })
})

describe('a scale', () => {
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 2 } }

  it('is applied under the name of its object alone', async () => {
    const body = JSON.stringify({ ...scale, metadata: { name: 'other' } })
    const url = `${DEPLOYMENT}/scale?fieldManager=m&force=true`
    expect(await ask('PATCH', url, body, 'application/apply-patch+yaml')).toMatchObject({
      status: 400,
      message: 'the name of the object (other) does not match the name on the URL (d)',
    })
  })

  it('that names an object means that one', async () => {
    const body = JSON.stringify({ metadata: { uid: 'other' } })
    const answer = await ask('PATCH', `${DEPLOYMENT}/scale`, body, 'application/merge-patch+json')
    expect(answer.status).toBe(409)
    expect(answer.message).toContain(
      'Operation cannot be fulfilled on deployments/scale.apps "d": Precondition failed: UID in precondition: other, ',
    )
  })
})

describe('numbers count as they are written', () => {
  const leaseOf = (literal: string) =>
    ask(
      'POST',
      `/apis/coordination.k8s.io/v1/namespaces/default/leases${DRY}`,
      `{"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":${literal}}}`,
    )

  it.each(['1.0', '1e0', '1E2', '9223372036854775808', '1.50'])(
    '%s is no int32',
    async (literal) => {
      const { message } = await leaseOf(literal)
      expect(message).toContain(`json: cannot unmarshal number ${literal} into Go struct field`)
    },
  )

  it.each(['1', '2147483647'])('%s is one', async (literal) => {
    expect(await leaseOf(literal)).toMatchObject({ status: 201 })
  })
})

describe('methods and paths', () => {
  it.each([
    ['DELETE', '/api/v1/configmaps', 405],
    ['POST', '/api/v1/watch/namespaces/default/configmaps', 405],
    ['GET', '/api/v1/namespaces//configmaps', 200],
    ['GET', '/api/v1//configmaps', 404],
    ['GET', '/api/v1/namespaces/default/bindings/x', 404],
    ['GET', '/apis/authorization.k8s.io/v1/subjectaccessreviews/x', 404],
    ['GET', '/apis/authorization.k8s.io/v1/subjectaccessreviews', 405],
    ['GET', '/api/v1/namespaces/default/pods/none/proxy?dryRun=All', 400],
    ['GET', '/api/v1/configmaps?fieldSelector=%3Da', 400],
    ['GET', '/api/v1/namespaces?fieldSelector=name%3Da', 400],
    ['GET', '/api/v1/namespaces/default/pods/none/log?stream=Stdout', 422],
    ['GET', '/api/v1/watch', 500],
    ['GET', '/api/v1/namespaces/%zz', 400],
    ['GET', '//', 404],
    ['GET', '/healthz/', 404],
    ['GET', '/healthz/log', 200],
    ['POST', '/version', 405],
    ['POST', '/apis', 200],
    ['POST', '/apis/apps/v1', 405],
    ['POST', '/openid/v1/jwks', 405],
    ['GET', '/openid/v1/jwks', 406],
    ['POST', '/apis/apps/v9', 404],
    ['GET', '/api/v1/watch/namespaces/default/pods/x/status', 404],
  ])('%s %s is answered %i', async (method, url, status) => {
    expect(await ask(method, url)).toMatchObject({ status })
  })
})

describe('somebody', () => {
  const as = async (authorization: string, method: string, url: string) => {
    const { status, text, headers } = await served.ask({ method, url, headers: { authorization } })
    return { status, text, headers }
  }

  it('who may read a page may not ask for its head, and is told so in a way that no browser runs', async () => {
    expect(await as('Bearer alice', 'GET', '/readyz')).toMatchObject({ status: 200 })
    const refused = await as('Bearer alice', 'HEAD', '/readyz')
    expect(refused).toMatchObject({ status: 403, headers: { 'x-content-type-options': 'nosniff' } })
    expect(refused.text).toContain('forbidden: User \\"alice\\" cannot head path \\"/readyz\\"')
  })

  it.each([
    ['Bearer admin more', 200],
    ['bearer admin', 200],
    ['Bearer wrong', 401],
    ['Basic admin', 403],
  ])('who says %s is answered %i', async (authorization, status) => {
    expect(await as(authorization, 'GET', CONFIG_MAPS)).toMatchObject({ status })
  })

  it('whose token comes a space too late is nobody, and warned', async () => {
    const { status, headers } = await as('Bearer  admin', 'GET', CONFIG_MAPS)
    expect(status).toBe(403)
    expect(String(headers.warning)).toContain('extra space before the bearer token')
  })
})

describe('watches', () => {
  const watch = (query: string) => ask('GET', `${CONFIG_MAPS}?watch=1&${query}`)

  it('of a time below nothing are over at once', async () => {
    expect(await watch('timeoutSeconds=-1')).toMatchObject({ status: 200, message: '' })
  })
})

describe('what is answered and not kept', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
  it.each([
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    '/api/v1/namespaces/default/serviceaccounts/default/token',
    '/api/v1/namespaces/default/pods/p/eviction',
    '/api/v1/namespaces/default/pods/p/binding',
  ])('%s has no columns', async (url) => {
    const { status, message } = await ask('POST', url, {}, undefined, TABLE)
    expect([status, message]).toEqual([
      406,
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ])
  })

  it('and has metadata', async () => {
    const url = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const { status, object } = await ask(
      'POST',
      url,
      { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } },
      undefined,
      METADATA,
    )
    expect(status).toBe(201)
    expect(object).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { managedFields: [{}] },
    })
  })
})

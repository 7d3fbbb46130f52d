import {
  apiVersionOf,
  builtinResources,
  type ResourceDefinition,
  randomObject,
  seededRandom,
  toYaml,
} from '@miniplane/api'
import type { GeneratorValue } from 'fast-check'
import fc from 'fast-check'
import { collectionOf, type FuzzRequest } from './fuzzed-server.fixture.js'
import {
  anyBody,
  anyKey,
  anyValue,
  mutatedJson,
  percent,
  pick,
  writeTree,
} from './noise.fixture.js'
import { sampleOf } from './samples.fixture.js'

const CREATED = builtinResources().filter(({ verbs }) => verbs.includes('create'))
const NAMES = ['a', 'b', 'c'] as const
const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'

/** An object of the kind, mostly one that a server would take. */
function anObject(gen: GeneratorValue, definition: ResourceDefinition, name: string) {
  const { kind, schema } = definition
  const apiVersion = apiVersionOf(definition)
  const sample = sampleOf(apiVersion, kind, name)
  if (sample && percent(gen, 80)) return sample
  const random = seededRandom(gen(fc.integer, { min: 0, max: 1_000_000 }))
  return { ...randomObject(random, schema, { kind, apiVersion }), metadata: { name } }
}

const WRITE_QUERIES = ['', '', '', '?dryRun=All', '?fieldValidation=Strict', '?fieldManager=m']

/** A whole object with something wrong in it, sent to where such objects are written. */
export const anyWrite: fc.Arbitrary<FuzzRequest> = fc.gen().map((gen) => {
  const definition = pick(gen, CREATED)
  const name = pick(gen, NAMES)
  const object = anObject(gen, definition, name)
  const isYaml = percent(gen, 20)
  const text = mutatedJson(gen, object)
  const body = percent(gen, 5) ? anyBody(gen) : isYaml && percent(gen, 50) ? toYaml(object) : text
  const headers = { 'content-type': isYaml ? YAML_TYPE : JSON_TYPE }
  const collection = collectionOf(definition)
  const query = pick(gen, WRITE_QUERIES)
  if (percent(gen, 50)) return { method: 'POST', url: collection + query, headers, body }
  const subresources = ['', '', ...[...definition.subresources.keys()].map((one) => `/${one}`)]
  const url = `${collection}/${name}${pick(gen, subresources)}${query}`
  return { method: percent(gen, 80) ? 'PUT' : 'POST', url, headers, body }
})

const POINTERS = [
  ...['', '/', '/metadata', '/metadata/labels/a', '/metadata/labels/a~1b', '/spec', '/spec/x/y'],
  ...['/spec/replicas', '/spec/template/spec/containers/0', '/spec/template/spec/containers/-'],
  ...['/spec/containers/-1', '/spec/containers/00', '/spec/containers/9999999999', '/data/k', '/~'],
  ...[
    '/~2',
    'spec',
    '/__proto__/isPolluted',
    '/constructor/prototype/isPolluted',
    '/metadata/name',
  ],
  ...[
    '/kind',
    '/metadata/managedFields/0',
    '/metadata/resourceVersion',
    '/status/conditions/-',
    '//',
  ],
]
const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'Add', '', 'nope']

function jsonPatch(gen: GeneratorValue): string {
  const operations = Array.from({ length: gen(fc.integer, { min: 0, max: 4 }) }, () => {
    const operation = new Map<string, unknown>([
      ['op', pick(gen, OPERATIONS)],
      ['path', pick(gen, POINTERS)],
    ])
    if (percent(gen, 70)) operation.set('value', anyValue(gen))
    if (percent(gen, 40)) operation.set('from', pick(gen, POINTERS))
    if (percent(gen, 10)) operation.set(pick(gen, ['op', 'path', 'from', 'x']), anyValue(gen))
    return operation
  })
  return percent(gen, 5) ? anyBody(gen) : writeTree(operations)
}

/** Part of an object with directives of a strategic merge where there should be none. */
function mergePatch(gen: GeneratorValue, object: object): string {
  const directives = {
    $patch: pick(gen, ['replace', 'delete', 'merge', 'x', null, 1]),
    $retainKeys: [['name'], 'x', null, [1]][gen(fc.integer, { min: 0, max: 3 })],
    '$setElementOrder/containers': [[{ name: 'c' }], [1], 'x', [{}]][gen(fc.nat, { max: 3 })],
    '$deleteFromPrimitiveList/finalizers': [['a'], 'x', [{}], null][gen(fc.nat, { max: 3 })],
  }
  const kept = Object.entries(directives).filter(() => percent(gen, 20))
  const lists = [{ $patch: 'replace' }, { name: 'c', $patch: 'delete' }, { $patch: 'x' }, null]
  const extra = percent(gen, 30)
    ? { spec: { containers: [pick(gen, lists)], template: { spec: Object.fromEntries(kept) } } }
    : Object.fromEntries(kept)
  return mutatedJson(gen, { ...(percent(gen, 50) ? object : { metadata: {} }), ...extra }, 4)
}

const MANAGED = [
  '[{"manager":"m","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:a":{}}}]',
  '[{"manager":"m","operation":"Update","apiVersion":"nope/v9","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"k:{\\"name\\":1}":{}}}}]',
  ...['[{}]', '[null]', '[]', '{}', '"x"', '[{"operation":"Nope"}]', '[{"fieldsType":"FieldsV2"}]'],
  '[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsV1":{"f:metadata":{"k:{}":{},"v:x":{},"i:99":{}}}}]',
  '[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"__proto__":{".":1}}}]',
]

function applied(gen: GeneratorValue, object: object): string {
  const text = mutatedJson(gen, object, 3)
  if (!percent(gen, 30)) return text
  return text.replace('"metadata":{', `"metadata":{"managedFields":${pick(gen, MANAGED)},`)
}

const APPLY_QUERIES = [
  '',
  '?fieldManager=m',
  '?fieldManager=m&force=true',
  '?fieldManager=n&dryRun=All',
]

/** A patch of one of the four kinds to an object that may be there, or to a part of it. */
export const anyPatch: fc.Arbitrary<FuzzRequest> = fc.gen().map((gen) => {
  const definition = pick(gen, CREATED)
  const name = pick(gen, NAMES)
  const object = anObject(gen, definition, name)
  const [type, body, query] = pick(gen, [
    () => ['application/json-patch+json', jsonPatch(gen), pick(gen, WRITE_QUERIES)] as const,
    () =>
      ['application/merge-patch+json', mergePatch(gen, object), pick(gen, WRITE_QUERIES)] as const,
    () =>
      [
        'application/strategic-merge-patch+json',
        mergePatch(gen, object),
        pick(gen, WRITE_QUERIES),
      ] as const,
    () => ['application/apply-patch+yaml', applied(gen, object), pick(gen, APPLY_QUERIES)] as const,
  ])()
  const subresources = ['', '', '', ...[...definition.subresources.keys()].map((one) => `/${one}`)]
  const url = `${collectionOf(definition)}/${name}${pick(gen, subresources)}${query}`
  return { method: 'PATCH', url, headers: { 'content-type': type }, body }
})

const OPTIONS = [
  ...['limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector'],
  ...['fieldSelector', 'timeoutSeconds', 'sendInitialEvents', 'allowWatchBookmarks', 'watch'],
  ...[
    'dryRun',
    'fieldManager',
    'fieldValidation',
    'force',
    'propagationPolicy',
    'pretty',
    'timeout',
  ],
  ...['gracePeriodSeconds', 'orphanDependents', 'ignoreStoreReadErrorWithClusterBreakingPotential'],
  ...[
    'includeObject',
    'container',
    'follow',
    'tailLines',
    'sinceTime',
    'limitBytes',
    'command',
    'x',
  ],
]
const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const OPTION_VALUES = [
  ...['', '0', '1', '-1', '2', '99999999999999999999', '1.5', '1e3', 'true', 'false', 'x', 'null'],
  ...['%', '%zz', '%00', '%ff', '%2', '+', '%0a%0d', '%F0%9F%92%A5', '__proto__', 'All', 'All,All'],
  ...['Exact', 'NotOlderThan', 'Foreground', 'Background', 'Orphan', 'Strict', '1s', '1h1', '-5s'],
  ...[
    'a=b',
    'a==b',
    'a!=b',
    '!a',
    'a',
    'a in (b,c)',
    'a in ()',
    'a in (',
    'a notin (b',
    ',',
    '=',
    '!',
  ],
  ...[
    'a=b,,c',
    'a>1',
    'a<x',
    'a b',
    '(a)',
    'a=b=c',
    'metadata.name=a',
    'metadata.name=',
    '\\',
    'a\\=b=c',
  ],
  ...['metadata.name!=a', 'spec.nodeName=x', 'metadata.namespace=default', 'status.phase=Running'],
  ...['constructor=a', '__proto__=a', 'toString=x', 'metadata.name=a,metadata.name=b', 'a=\\'],
  ...['x'.repeat(20_000), 'a,'.repeat(3_000), '('.repeat(5_000), 'bm90IGpzb24', 'eyJ2Ijo'],
  token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a\u0000' }),
  token({ v: 'meta.k8s.io/v1', rv: -5, start: '../../x' }),
  token({ v: 'meta.k8s.io/v1', rv: 99_999_999, start: '' }),
  token({ v: 'meta.k8s.io/v1', rv: 'x', start: 7 }),
  token({ v: 'nope' }),
  token(null),
  token([]),
]
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1'
const ACCEPTED = [
  ...[JSON_TYPE, YAML_TYPE, 'application/vnd.kubernetes.protobuf', TABLE, `${TABLE},${JSON_TYPE}`],
  ...['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', '*/*', 'text/html', ''],
  'application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/json;as=Table;g=meta.k8s.io;v=v9',
  ...['a', '/', ';', ';;q=', 'application/json;q=x', 'application/*;q=0.5', ',,,', '*/json', '"'],
  ...[
    'application/json;stream=watch',
    'application/vnd.kubernetes.protobuf;stream=watch',
    'x;as=y',
  ],
  'a/b,'.repeat(2_000),
]

/** A question, or a deletion, with options that make no sense. */
export const anyQuery: fc.Arbitrary<FuzzRequest> = fc.gen().map((gen) => {
  const definition = pick(gen, builtinResources())
  const whole = percent(gen, 20) ? collectionOf({ ...definition, namespaced: false }) : undefined
  const collection = whole ?? collectionOf(definition)
  const path = percent(gen, 60) ? collection : `${collection}/${pick(gen, NAMES)}`
  const parts = Array.from({ length: gen(fc.integer, { min: 0, max: 4 }) }, () => {
    const value = percent(gen, 50) ? encodeURIComponent : String
    return `${pick(gen, OPTIONS)}=${value(pick(gen, OPTION_VALUES))}`
  })
  const method = percent(gen, 85) ? 'GET' : pick(gen, ['DELETE', 'POST', 'PUT', 'PATCH'])
  const headers = { accept: percent(gen, 60) ? JSON_TYPE : pick(gen, ACCEPTED) }
  const body = method === 'GET' || percent(gen, 50) ? {} : { body: deleteOptions(gen) }
  return { method, url: `${path}?${parts.join('&')}`, headers, ...body }
})

const deleteOptions = (gen: GeneratorValue) =>
  mutatedJson(gen, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 0,
    propagationPolicy: 'Background',
    preconditions: { uid: 'x' },
  })

const SEGMENTS = [
  ...['api', 'apis', 'v1', 'apps', 'batch', 'namespaces', 'default', 'pods', 'configmaps', 'nodes'],
  ...[
    'services',
    'a',
    'b',
    'status',
    'scale',
    'log',
    'exec',
    'proxy',
    'watch',
    'token',
    'eviction',
  ],
  ...['finalize', 'binding', 'attach', 'portforward', 'resize', 'ephemeralcontainers', 'approval'],
  ...[
    'openapi',
    'v2',
    'v3',
    'version',
    'healthz',
    'livez',
    'readyz',
    'metrics',
    '.well-known',
    'ping',
  ],
  ...['openid-configuration', 'openid', 'jwks', 'logs', 'debug', 'swagger.json', 'events.k8s.io'],
  ...[
    '',
    '.',
    '..',
    '%2e%2e',
    '%2f',
    '%',
    '%zz',
    '%00',
    '%ff',
    '__proto__',
    'constructor',
    '*',
    '~',
  ],
  ...[
    'a:b',
    'http:a:80',
    ':',
    'x'.repeat(5_000),
    '💥',
    '\u0000',
    ' ',
    '\\',
    "'",
    '<script>',
    'Pods',
  ],
]
const METHODS = [
  'GET',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'get',
  'X',
]
const HEADER_NAMES = [
  ...['accept', 'content-type', 'authorization', 'impersonate-user', 'impersonate-group'],
  ...['impersonate-uid', 'impersonate-extra-scopes', 'impersonate-extra-%zz', 'impersonate-extra-'],
  ...[
    'user-agent',
    'accept-encoding',
    'if-none-match',
    'if-match',
    'range',
    'upgrade',
    'connection',
  ],
  ...['x-forwarded-for', 'sec-websocket-protocol', 'content-encoding', 'content-length', 'te'],
  ...['x-miniplane-cause', 'traceparent', '__proto__', 'constructor', 'audit-id', 'host', 'expect'],
]
const HEADER_VALUES = [
  ...ACCEPTED,
  ...[
    'Bearer',
    'Bearer ',
    'Bearer admin',
    'Bearer a.b.c',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Basic x',
  ],
  ...[
    'bearer ALICE',
    'Bearer alice',
    'gzip',
    'gzip;q=0',
    'identity;q=0,*;q=0',
    'system:masters',
    '%',
  ],
  ...[
    'system:serviceaccount:a:b',
    'system:serviceaccount::',
    'system:node:',
    'system:anonymous',
    'u',
  ],
  ...[
    'application/strategic-merge-patch+json',
    'application/json-patch+json',
    'text/plain; charset=x',
  ],
  ...[
    'application/apply-patch+cbor',
    'application/cbor',
    'multipart/form-data',
    ';',
    'é💥',
    '\u0001',
  ],
  ...[
    'websocket',
    'Upgrade',
    'SPDY/3.1',
    'v5.channel.k8s.io',
    'bytes=0-',
    '"x"',
    'W/"',
    '-1',
    '{}',
    '[',
  ],
]

/** Any method, path and headers, as far as a request can be made of them. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.gen().map((gen) => {
  const definition = pick(gen, builtinResources())
  const start = percent(gen, 60) ? collectionOf(definition, pick(gen, ['default', 'x', '%zz'])) : ''
  const more = Array.from({ length: gen(fc.integer, { min: 0, max: 5 }) }, () =>
    pick(gen, SEGMENTS),
  )
  const query = percent(gen, 20) ? `?${pick(gen, OPTIONS)}=${pick(gen, OPTION_VALUES)}` : ''
  const url = `${[start || '', ...more].join('/') || '/'}${query}`
  const headers = Object.fromEntries(
    Array.from({ length: gen(fc.integer, { min: 0, max: 3 }) }, () => [
      pick(gen, HEADER_NAMES),
      pick(gen, HEADER_VALUES),
    ]),
  )
  const body = percent(gen, 30)
    ? { body: percent(gen, 50) ? `{${JSON.stringify(anyKey(gen))}:1}` : anyBody(gen) }
    : {}
  return { method: pick(gen, METHODS), url, headers, ...body }
})

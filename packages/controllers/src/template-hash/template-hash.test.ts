import { decodeObject, namedSchema, type PodTemplateSpec } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { Fnv32 } from './fnv.js'
import { revisionData, revisionHash } from './revision-hash.js'
import { sortedJson } from './sorted-json.js'
import { templateHash, templateText } from './template-hash.js'

const decode = (template: Record<string, unknown>) =>
  decodeObject(template, namedSchema('core.v1.PodTemplateSpec'))
    .object as unknown as PodTemplateSpec

/** As the API server hands it out, with its defaults. */
const web = decode({
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'nginx:1.27',
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
})

describe('the hash of a template', () => {
  it('is the one that a real 1.36 cluster gives', () => {
    expect(templateHash(web)).toBe('5bb4c446b6')
  })

  it('is another one after a collision, even the zeroth', () => {
    const hashes = [undefined, 0, 1, 256].map((count) => templateHash(web, count))
    expect(new Set(hashes).size).toBe(4)
  })

  it('does not care about what the wire does not carry: the order of keys, empty lists and maps', () => {
    const { metadata, spec } = web
    const same = { spec: { volumes: [], nodeSelector: {}, ...spec }, metadata: { ...metadata } }
    expect(templateHash(same)).toBe(templateHash(web))
  })
})

it.each([
  [{ spec: { hostNetwork: true } }, 'HostNetwork:(bool)true'],
  [{ spec: { dnsPolicy: 'None' } }, 'DNSPolicy:(v1.DNSPolicy)None'],
  [{ spec: { priority: 0 } }, 'Priority:(*int32)0'],
  [{ spec: {} }, 'Priority:(*int32)<nil>'],
  [{ spec: { imagePullSecrets: [{ name: 'a' }, {}] } }, '[{Name:(string)a} {Name:(string)}]'],
  [{ metadata: { labels: { b: '1', a: '2', '10': '3' } } }, 'map[10:3 a:2 b:1]'],
  [{ metadata: { labels: { '￼': '1', '😀': '2' } } }, 'map[￼:1 😀:2]'],
  [
    { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    'EmptyDir:(*v1.EmptyDirVolumeSource){Medium:(v1.StorageMedium) SizeLimit:(*resource.Quantity)<nil>}',
  ],
  [
    { spec: { overhead: { cpu: '1500m' } } },
    'Overhead:(v1.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)1500 ' +
      'scale:(resource.Scale)-3} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} ' +
      's:(string)1500m Format:(resource.Format)DecimalSI}]',
  ],
])('Go prints %j', (template, text) => {
  expect(templateText(decode(template))).toContain(text)
})

describe('the data of a revision', () => {
  it('puts all of the template back, with sorted keys', () => {
    const template = { metadata: { labels: { b: '<', a: 'x', '10': 'y', '-': 'z' } }, spec: {} }
    expect(revisionData(decode(template))).toBe(
      '{"spec":{"template":{"$patch":"replace","metadata":{"labels":' +
        '{"-":"z","10":"y","a":"x","b":"\\u003c"}},"spec":{"containers":null}}}}',
    )
  })

  it('gives a hash that depends on the collisions', () => {
    const hashes = [undefined, 0, 1].map((count) => revisionHash('{}', count))
    expect(new Set(hashes).size).toBe(3)
  })
})

it('writes what has no parts as JSON does', () => {
  expect(sortedJson([null, true, 1.5, 'a"b', { b: undefined, a: [] }])).toBe(
    '[null,true,1.5,"a\\"b",{"a":[]}]',
  )
})

describe('32-bit FNV', () => {
  // The published test vectors: their sums as decimal text, in the alphabet of names.
  it.each([
    ['1a', '', '2166136261'],
    ['1a', 'foobar', '3214735720'],
    ['1', '', '2166136261'],
    ['1', 'foobar', '837857890'],
  ] as const)('%s of "%s"', (kind, text, sum) => {
    const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
    const name = [...sum].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
    expect(new Fnv32(kind).writeText(text).toName()).toBe(name)
  })
})

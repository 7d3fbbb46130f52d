import { encodeJsonText } from '@miniplane/api'
import type { GeneratorValue } from 'fast-check'
import fc from 'fast-check'

/** Text that stands in JSON as it is, so that a tree can hold what no parsed JSON could. */
export class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const nested = (open: string, close: string, depth: number) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`

const POLLUTION = '{"isPolluted":true}'

/** Values that somebody's program may send some day, as JSON. */
const VALUES: readonly string[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1.5', '1e400', '-1e400', '1e-400', '1E2'],
  ...['9223372036854775808', '-9223372036854775809', '2147483648', '9007199254740993'],
  ...['123456789012345678901234567890', '""', '" "', '"NaN"', '"Infinity"', '"null"', '"~"'],
  ...['"\\ud800"', '"a\\udc00b"', '"\\u0000"', '"\\ufeff"', '"\\u2028"', '"💥"', '"\\u202e"'],
  ...['[]', '{}', '[null]', '[[]]', '[{}]', '[null,null]', '[1,"a",{}]', '{"":{}}', '{"a":null}'],
  `{"__proto__":${POLLUTION}}`,
  `{"constructor":{"prototype":${POLLUTION}}}`,
  ...['{"toString":1,"valueOf":2}', '{"hasOwnProperty":true}', '{"length":-1}', '{"then":{}}'],
  `"${'a'.repeat(300)}"`,
  `"${'x'.repeat(70_000)}"`,
  nested('[', ']', 40),
  nested('{"a":', '}', 40),
  nested('[', ']', 12_000),
  nested('{"a":', '}', 12_000),
  ...['"1Gi"', '"-1"', '"1e999999999"', '"0x10"', '"1.0000000000001"', '"1E"', '"999999999999Ei"'],
  ...[
    '"9999-99-99T99:99:99Z"',
    '"2026-02-30T00:00:00Z"',
    '"0001-01-01T00:00:00Z"',
    '"100%"',
    '"-1%"',
  ],
  ...['"99999999999999999h"', '"1h1"', '"%s%d%!"', '"../.."', '"a/b/c"', '"a/b"', '"*"', '"=,!"'],
  ...['"(a+)+$"', '"["', '"[(@)]"', '"$(X)"', '"{.a}"', '"a=b,c"', '"::1"', '"1.2.3.4/33"'],
  ...['"-----BEGIN CERTIFICATE-----"', '"===="', '"YQ"', '"https://["', '"http://a b/%zz"', '"@"'],
  ...['"v1"', '"apps/v1"', '"Pod"', '"default"', '"kube-system"', '"metadata.name"', '"Delete"'],
  ...['{"matchLabels":{"":""}}', '{"matchExpressions":[{}]}', '[{"name":"a"},{"name":"a"}]'],
  ...['{"f:a":{}}', '{"k:{}":{}}', '{"v:":{}}', '{"i:-1":{}}', '{"f:metadata":{"f:name":5}}'],
]

const KEYS: readonly string[] = [
  ...['', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then'],
  ...['metadata', 'spec', 'status', 'data', 'kind', 'apiVersion', 'Kind', 'NAME', 'name', 'items'],
  ...[
    '$patch',
    '$retainKeys',
    '$setElementOrder/containers',
    '$deleteFromPrimitiveList/finalizers',
  ],
  ...['labels', 'annotations', 'finalizers', 'managedFields', 'ownerReferences', 'generateName'],
  ...['deletionTimestamp', 'resourceVersion', 'uid', 'selfLink', 'generation', 'namespace'],
  ...[
    'a.b/c',
    'a/b/c',
    '\ud800',
    '\u0000',
    'x'.repeat(300),
    'y'.repeat(70_000),
    '~0/~1',
    'f:a',
    '.',
  ],
]

/** One of them, all as likely. */
export const pick = <T>(gen: GeneratorValue, all: readonly T[]): T =>
  all[gen(fc.integer, { min: 0, max: all.length - 1 })] as T

/** True in so many cases of a hundred. */
export const percent = (gen: GeneratorValue, share: number): boolean =>
  gen(fc.integer, { min: 0, max: 99 }) < share

export const anyValue = (gen: GeneratorValue): unknown => new Raw(pick(gen, VALUES))
export const anyKey = (gen: GeneratorValue): string => pick(gen, KEYS)

/** JSON of a tree with raw parts; keys that no literal could have are written as own ones. */
export function writeTree(tree: unknown): string {
  if (tree instanceof Raw) return tree.text
  if (Array.isArray(tree)) return `[${tree.map(writeTree).join(',')}]`
  if (tree instanceof Map)
    return `{${[...tree].map(([key, value]) => `${JSON.stringify(key)}:${writeTree(value)}`).join(',')}}`
  return encodeJsonText(tree) ?? 'null'
}

type Node = Map<string, unknown> | unknown[]

/** The value with its objects as maps, which take any key for what it is. */
function treeOf(value: unknown): unknown {
  if (value instanceof Raw) return value
  if (Array.isArray(value)) return value.map(treeOf)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, one]) => [key, treeOf(one)]))
}

function nodesOf(tree: unknown, found: Node[] = []): Node[] {
  if (!(tree instanceof Map) && !Array.isArray(tree)) return found
  found.push(tree)
  for (const child of tree.values()) nodesOf(child, found)
  return found
}

/** The value as JSON, with up to `most` places of it changed into what should not be there. */
export function mutatedJson(gen: GeneratorValue, value: unknown, most = 3): string {
  const tree = treeOf(value)
  for (let left = gen(fc.integer, { min: 0, max: most }); left > 0; left--) {
    const nodes = nodesOf(tree)
    if (nodes.length > 0) mutate(gen, pick(gen, nodes))
  }
  return writeTree(tree)
}

const MUTATIONS = ['replace', 'replace', 'add', 'drop', 'twice'] as const

function mutate(gen: GeneratorValue, node: Node): void {
  if (Array.isArray(node)) {
    const at = gen(fc.integer, { min: 0, max: node.length })
    if (gen(fc.boolean)) node.splice(at, 1, anyValue(gen))
    else node.push(node.length > 0 ? node[at % node.length] : anyValue(gen))
    return
  }
  const keys = [...node.keys()]
  const own = keys.length > 0 ? pick(gen, keys) : anyKey(gen)
  switch (pick(gen, MUTATIONS)) {
    case 'replace':
      node.set(own, anyValue(gen))
      return
    case 'add':
      node.set(anyKey(gen), anyValue(gen))
      return
    case 'drop':
      node.delete(own)
      return
    case 'twice': {
      const again = `${JSON.stringify(own)}:${writeTree(anyValue(gen))}`
      node.set(own, new Raw(`${writeTree(node.get(own) ?? null)},${again}`))
    }
  }
}

const aliasBomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghij'].map((key, i) => {
    const last = 'abcdefghi'[i]
    return `${key}: &${key} [${Array(9).fill(`*${last}`).join(',')}]`
  }),
].join('\n')

/** What is no object of the API at all, in JSON and in YAML. */
const BODIES: readonly string[] = [
  ...[
    '',
    ' ',
    'null',
    '[]',
    '[{}]',
    '"x"',
    '5',
    'true',
    '{',
    '}{',
    '{"a":}',
    '{"a":1,}',
    "{'a':1}",
  ],
  ...['\ufeff{}', '{}{}', '{} x', '{"a":01}', '{"a":"\t"}', '{"a":"\\x"}', 'NaN', '{"a":NaN}'],
  '['.repeat(20_000),
  '{"a":'.repeat(20_000),
  ...['---\n---\n', 'a: 1\n---\nb: 2\n', '--- !!map\na: 1', '%YAML 1.1\n---\na: b', '? a\n: b'],
  ...['a: &x [*x]', 'a: *nowhere', '<<: {a: 1}', '&a a: *a', '!!binary YQ==', '!<tag:x> {}'],
  ...[
    'a: !!int "x"',
    'a: |\n  b',
    '- a\n- b',
    'a: b: c',
    '\ta: b',
    'a: "',
    '{a: [}',
    '!!js/function x',
  ],
  ...[
    'a: .nan',
    'a: .inf',
    'a: 1_000',
    'a: 0o17',
    '__proto__: {isPolluted: true}',
    '? {a: b}\n: c',
  ],
  ...[
    'a: 1\na: 2',
    '? [a]\n: b',
    'null: 1',
    '1: 2',
    'true: x',
    'a: 2001-01-01',
    '{a, b}',
    '\u0000',
  ],
  aliasBomb,
]

export const anyBody = (gen: GeneratorValue): string => pick(gen, BODIES)

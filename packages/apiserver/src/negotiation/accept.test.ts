import { StatusError } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { type Conversions, negotiate, negotiateStream } from './accept.js'
import { parseAccept } from './media-clauses.js'

const JSON_TYPE = 'application/json'
const YAML = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const TABLE = ';as=Table;v=v1;g=meta.k8s.io'
const PARTIAL = ';as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

/** In short: the format, what it is turned into, and whether it is pretty. */
function agreed(accept: string, conversions: Conversions = 'object', query = '', agent = 'test') {
  const headers = { accept, 'user-agent': agent }
  const { format, as, isPretty } = negotiate(headers, new URLSearchParams(query), conversions)
  return [format, as && `${as.kind}/${as.version}`, isPretty ? 'pretty' : undefined]
    .filter((part) => part !== undefined)
    .join(' ')
}

function refused(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('what a client accepts', () => {
  it.each([
    ['', 'json'],
    ['*/*', 'json'],
    [YAML, 'yaml'],
    [PROTOBUF, 'protobuf'],
    [`${PROTOBUF},${JSON_TYPE}`, 'protobuf'],
    [`${JSON_TYPE},${PROTOBUF}`, 'json'],
    [`${JSON_TYPE};q=0.5,${YAML}`, 'yaml'],
    [`text/html,application/xhtml+xml,*/*;q=0.8`, 'json'],
    [`application/cbor,${JSON_TYPE}`, 'json'],
    [`${JSON_TYPE};charset=utf-8`, 'json'],
    [`${JSON_TYPE};stream=watch`, 'json'],
    [`${YAML};stream=watch,${PROTOBUF};stream=watch`, 'protobuf'],
    [`${JSON_TYPE};pretty=1`, 'json pretty'],
    [`${JSON_TYPE}${TABLE},${JSON_TYPE}`, 'json Table/v1'],
    [`${YAML}${TABLE}`, 'yaml Table/v1'],
    // A Table has no message, so the next best it is.
    [`${PROTOBUF}${TABLE},${JSON_TYPE}${TABLE}`, 'json Table/v1'],
    [`${PROTOBUF}${TABLE},${PROTOBUF}`, 'protobuf'],
    [`${PROTOBUF}${PARTIAL},${JSON_TYPE}${PARTIAL}`, 'protobuf PartialObjectMetadataList/v1'],
    [`${JSON_TYPE};as=Table;v=v2;g=meta.k8s.io,${YAML}`, 'yaml'],
    [`*/*${TABLE}`, 'json Table/v1'],
  ])('%s → %s', (accept, expected) => {
    expect(agreed(accept)).toBe(expected)
  })

  it.each([
    ['pretty=1', 'test', 'json pretty'],
    ['pretty=true', 'test', 'json pretty'],
    ['pretty=maybe', 'curl/8.0', 'json'],
    ['pretty=false', 'curl/8.0', 'json'],
    ['pretty=', 'curl/8.0', 'json pretty'],
    ['', 'curl/8.0', 'json pretty'],
    ['', 'Wget/1.21', 'json pretty'],
    ['', 'Mozilla/5.0 (X11)', 'json pretty'],
    ['', 'kubectl/v1.36.3', 'json'],
  ])('?%s asked by %s → %s', (query, agent, expected) => {
    expect(agreed(JSON_TYPE, 'object', query, agent)).toBe(expected)
  })

  it('is refused by the route when it has no such type, and by the serializer after that', () => {
    expect(refused(() => agreed('application/cbor'))).toBe(
      `406: 406: Not Acceptable\n\nAvailable representations: ${JSON_TYPE}, ${YAML}, ${PROTOBUF}`,
    )
    const message = `406: only the following media types are accepted: ${JSON_TYPE}, ${YAML}, ${PROTOBUF}`
    expect(refused(() => agreed(`${JSON_TYPE};as=Nothing;v=v1;g=meta.k8s.io`))).toBe(message)
    expect(refused(() => agreed(`${JSON_TYPE}${TABLE}`, 'none'))).toBe(message)
    expect(refused(() => agreed(`${PROTOBUF}${TABLE}`))).toBe(message)
    expect(refused(() => agreed(`${JSON_TYPE}${TABLE}`, 'untabled'))).toBe(message)
  })

  it('must have a form for streams when it watches', () => {
    expect(refused(() => negotiateStream({ format: 'yaml', isPretty: false }))).toBe(
      `406: only the following media types are accepted: ${JSON_TYPE};stream=watch, ${PROTOBUF};stream=watch`,
    )
  })
})

describe('the clauses of a header', () => {
  it.each([
    ['a/b;q=0.2, c/d', 'c/d a/b'],
    ['a/b, c/d;q=1.0', 'a/b c/d'],
    ['*/*, a/*, a/b', 'a/b a/* */*'],
    // As the library has it: the more specific goes first, whatever it is worth.
    ['*/*;q=0.9, a/b;q=0.1', 'a/b */*'],
    ['*', '*/*'],
    ['nothing, a/b/c, , a/b', 'a/b'],
  ])('%s are in this order: %s', (header, expected) => {
    const order = parseAccept(header).map(({ type, subtype }) => `${type}/${subtype}`)
    expect(order.join(' ')).toBe(expected)
  })
})

import { expect, it } from 'vitest'
import { unstored } from '../storage/unstored.js'
import { respondEncodable } from './respond.js'

const TEXT = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{},"data":{"k":"\\u003ca\\u003e"}}\n'
const value = unstored({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: {},
  data: { k: '<a>' },
})

it.each([
  ['json', false, TEXT],
  [
    'json',
    true,
    `{
  "kind": "ConfigMap",
  "apiVersion": "v1",
  "metadata": {},
  "data": {
    "k": "\\u003ca\\u003e"
  }
}`,
  ],
  ['yaml', false, 'apiVersion: v1\ndata:\n  k: <a>\nkind: ConfigMap\nmetadata: {}\n'],
] as const)('%s, pretty: %s', (format, isPretty, expected) => {
  const { body } = respondEncodable(200, value, { format, isPretty })
  const bytes = body.kind === 'object' ? body.json() : body.kind === 'bytes' ? body.bytes : []
  expect(Buffer.from(bytes).toString()).toBe(expected)
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRangeResponse } from './encode-page.js'
import { RangeResponse } from './kv.js'

const number = fc.oneof(fc.nat(300), fc.nat({ max: Number.MAX_SAFE_INTEGER }))
const bytes = fc.uint8Array({ maxLength: 300 })

const keyValue = fc.record({
  key: bytes.map((some) => Buffer.from(some).toString('latin1')),
  createRevision: number,
  modRevision: number,
  version: number,
  value: bytes,
  lease: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
})

const response = fc.record({
  header: fc.record({
    clusterId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    memberId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    revision: number,
    raftTerm: number,
  }),
  kvs: fc.array(keyValue, { maxLength: 20 }),
  more: fc.boolean(),
  count: number,
})

describe('a page of keys', () => {
  it('is encoded to the very bytes that the table of the message says', () => {
    fc.assert(
      fc.property(response, (page) => {
        const expected = Buffer.from(RangeResponse.encode(page))
        expect(Buffer.from(encodeRangeResponse(page)).equals(expected)).toBe(true)
      }),
    )
  })
})

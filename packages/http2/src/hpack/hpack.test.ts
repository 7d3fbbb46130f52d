import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectionError } from '../errors.js'
import { HeaderDecoder } from './decoder.js'
import { HeaderEncoder } from './encoder.js'
import { decodedLengthMax, huffmanDecode, huffmanEncode, huffmanLength } from './huffman.js'
import { HUFFMAN_LENGTHS } from './tables.js'

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

const decoderOf = (tableBytesMax = 4096, listBytesMax = 65_536) =>
  new HeaderDecoder({ tableBytesMax, listBytesMax })

function decoded(decoder: HeaderDecoder, block: Buffer): string[] | undefined {
  return decoder.decode(block, 0, block.length)
}

function encoded(encoder: HeaderEncoder, fields: readonly string[], status?: number): Buffer {
  const into = Buffer.alloc(HeaderEncoder.lengthMax(fields))
  return into.subarray(0, encoder.encode(status, fields, into, 0))
}

const REQUEST = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com']
const SECURE = [
  ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html'],
  ...[':authority', 'www.example.com', 'custom-key', 'custom-value'],
]
const COOKIE = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'
const rest = (second: number) => [
  ...['cache-control', 'private', 'date', `Mon, 21 Oct 2013 20:13:${second} GMT`],
  ...['location', 'https://www.example.com'],
]

/** Each list is one connection's blocks. */
const EXAMPLES: readonly (readonly [string, number, readonly (readonly [string, string[]])[]])[] = [
  [
    'C.2 fields of each kind',
    4096,
    [
      [
        '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
        ['custom-key', 'custom-header'],
      ],
      ['040c 2f73 616d 706c 652f 7061 7468', [':path', '/sample/path']],
      ['1008 7061 7373 776f 7264 0673 6563 7265 74', ['password', 'secret']],
      ['82', [':method', 'GET']],
    ],
  ],
  [
    'C.3 requests',
    4096,
    [
      ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', REQUEST],
      ['8286 84be 5808 6e6f 2d63 6163 6865', [...REQUEST, 'cache-control', 'no-cache']],
      ['8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65', SECURE],
    ],
  ],
  [
    'C.4 requests, packed',
    4096,
    [
      ['8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', REQUEST],
      ['8286 84be 5886 a8eb 1064 9cbf', [...REQUEST, 'cache-control', 'no-cache']],
      ['8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf', SECURE],
    ],
  ],
  [
    'C.6 responses, packed, with a table that has to let go',
    256,
    [
      [
        `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e
         919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`.replaceAll(/\s/g, ''),
        [':status', '302', ...rest(21)],
      ],
      ['4883 640e ffc1 c0bf', [':status', '307', ...rest(21)]],
      [
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7
         821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed
         4ee5 b106 3d50 07`.replaceAll(/\s/g, ''),
        [':status', '200', ...rest(22), 'content-encoding', 'gzip', 'set-cookie', COOKIE],
      ],
    ],
  ],
]

describe('the examples of RFC 7541', () => {
  it.each(EXAMPLES)('%s', (_, tableBytesMax, blocks) => {
    const decoder = decoderOf(tableBytesMax)
    for (const [hex, fields] of blocks) expect(decoded(decoder, bytesOf(hex))).toEqual(fields)
  })

  it('C.4 is what we would write, too', () => {
    const encoder = new HeaderEncoder()
    const [, , blocks] = EXAMPLES[2] as (typeof EXAMPLES)[number]
    for (const [hex, fields] of blocks) {
      expect(encoded(encoder, fields).toString('hex')).toBe(bytesOf(hex).toString('hex'))
    }
  })
})

describe('what no block may be', () => {
  it.each([
    ['index 0', '80'],
    ['an index beyond the table', 'be'],
    ['a name beyond the table', '7f 00 01 61'],
    ['a string that is cut off', '40 05 61'],
    ['a length that is cut off', '40 7f'],
    ['a length without an end', '40 7f ff ff ff ff ff ff ff 00'],
    ['a table larger than allowed', '3f e2 1f'],
    ['a table resized behind a field', '82 20'],
    ['padding of Huffman code that is no end', '40 81 00 81 00'],
    ['padding of Huffman code of more than seven bits', '40 82 1f ff 01 61'],
    ['the end of strings within one', '40 84 ff ff ff ff 01 61'],
  ])('%s', (_, hex) => {
    expect(() => decoded(decoderOf(), bytesOf(hex))).toThrow(ConnectionError)
  })

  it('any bytes are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
        const decoder = decoderOf()
        try {
          for (const block of blocks) {
            expect((decoded(decoder, Buffer.from(block)) ?? []).length % 2).toBe(0)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectionError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('lists that are too long', () => {
  it('are read to their end, so that the next block means what it should', () => {
    const decoder = decoderOf(4096, 100)
    const encoder = new HeaderEncoder()
    expect(decoded(decoder, encoded(encoder, ['a', 'x'.repeat(100), 'b', 'y']))).toBeUndefined()
    expect(decoded(decoder, encoded(encoder, ['b', 'y']))).toEqual(['b', 'y'])
  })

  it('of references to one large field hold no more than is taken in', () => {
    const decoder = decoderOf(4096, 10_000)
    const first = encoded(new HeaderEncoder(), ['bomb', 'x'.repeat(3000)])
    expect(decoded(decoder, first)).toHaveLength(2)
    expect(decoded(decoder, Buffer.alloc(16_000, 0xbe))).toBeUndefined()
  })
})

describe('Huffman code', () => {
  it('is complete: no bits are left without a meaning', () => {
    const sum = HUFFMAN_LENGTHS.reduce((all, length) => all + 2 ** -length, 0)
    expect(HUFFMAN_LENGTHS).toHaveLength(257)
    expect(sum).toBe(1)
  })

  it('gives back what was packed, and is as long as was said', () => {
    const text = fc.uint8Array({ maxLength: 100 }).map((one) => Buffer.from(one).toString('latin1'))
    fc.assert(
      fc.property(text, (one) => {
        const bytes = Buffer.alloc(400)
        const length = huffmanEncode(one, bytes, 0)
        expect(length).toBe(huffmanLength(one))
        const into = Buffer.alloc(decodedLengthMax(length))
        const written = huffmanDecode(bytes, 0, length, into)
        expect(into.toString('latin1', 0, written)).toBe(one)
      }),
    )
  })
})

describe('what one side writes the other reads', () => {
  const word = fc.constantFrom(
    'content-type',
    'a',
    'grpc-status',
    'x-long-name',
    'date',
    'location',
  )
  const value = fc.oneof(
    fc.constantFrom('', '0', 'text/plain', 'application/json'),
    fc.string({ maxLength: 50 }),
    fc.integer({ min: 0, max: 3 }).map((n) => String(n).repeat(900)),
  )
  const fields = fc.array(fc.tuple(word, value), { maxLength: 8 }).map((pairs) => pairs.flat())
  const step = fc.record({
    fields,
    status: fc.constantFrom(undefined, 200, 404, 418),
    tableBytes: fc.option(fc.integer({ min: 0, max: 5000 }), { freq: 5 }),
  })

  it('however the table grows, shrinks and lets go', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [encoder, decoder] = [new HeaderEncoder(), decoderOf()]
        for (const { fields: one, status, tableBytes } of steps) {
          if (tableBytes !== null) encoder.resize(tableBytes)
          const text = status === undefined ? [] : [':status', String(status)]
          // What is no latin1 nobody may send.
          const sent = one.map((part) => part.replaceAll(/[^\0-\xff]/g, '?'))
          const block = encoded(encoder, sent, status)
          expect(decoded(decoder, block)).toEqual([...text, ...sent])
        }
      }),
    )
  })

  it('and what comes again is a byte a field', () => {
    const encoder = new HeaderEncoder()
    const answer = ['content-type', 'application/grpc', 'server', 'ours']
    expect(encoded(encoder, answer, 200).length).toBeGreaterThan(3)
    const { generation } = encoder
    expect(encoded(encoder, answer, 200)).toHaveLength(3)
    expect(encoder.generation).toBe(generation)
  })
})

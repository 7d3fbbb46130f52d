import { expect, it } from 'vitest'
import { crc32c } from '../checksum/crc32c.js'
import { PREFACE_BYTES, parseSegmentFileName, recordBytes, segmentFileName } from './format.js'
import { RecordWriter } from './record-writer.js'

/** A segment as its bytes stand in the file: a line a field, a paragraph a record. */
function dump(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  const hex = (from: number, length: number) => buffer.toString('hex', from, from + length)
  const lines = [`${hex(0, 6)} ${hex(6, 2)}`]
  for (let at = PREFACE_BYTES; at < buffer.length; ) {
    const end = at + recordBytes(buffer.readUInt32LE(at + 8))
    const header = [0, 4, 8, 12, 16].map((field) => hex(at + field, 4))
    const kind = [hex(at + 20, 1), hex(at + 21, 1), hex(at + 22, 2)]
    lines.push('', [...header, ...kind].join(' '))
    for (let body = at + 24; body < end; body += 8) lines.push(`  ${hex(body, 8)}`)
    at = end
  }
  return lines.join('\n')
}

it('a segment is these bytes', () => {
  const writer = new RecordWriter(0, { previous: 0, seed: 0 })
  writer.begin(0)
  writer.addSegmentHead(3, { nodeId: 0x8e9e05c52164694dn, clusterId: 0xcdf818194e3a8c32n })
  writer.addHardState({ term: 2, vote: 0x8e9e05c52164694dn, commit: 6 })
  writer.addSnapshot({ index: 5, term: 1 })
  const data = Buffer.from('put a=1')
  writer.addEntry({ type: 'EntryConfChange', term: 2, index: 7, data })
  // magic version
  // checksum previous length synced segment kind entry-type zeros
  //   body
  expect(dump(writer.bytes)).toMatchInlineSnapshot(`
    "4d5057414c00 0100

    07a23262 00000000 10000000 00000000 03000000 01 00 0000
      4d696421c5059e8e
      328c3a4e1918f8cd

    961c3f6e 07a23262 18000000 00000000 03000000 02 00 0000
      0200000000000000
      4d696421c5059e8e
      0600000000000000

    b96315b5 961c3f6e 10000000 00000000 03000000 04 00 0000
      0100000000000000
      0500000000000000

    7fc069f7 b96315b5 17000000 00000000 03000000 03 01 0000
      0200000000000000
      0700000000000000
      70757420613d3100"
  `)
})

it('each record names the checksum before it; all but the first start from the first one', () => {
  const writer = new RecordWriter(0, { previous: 0x01020304, seed: 0 })
  writer.begin(0)
  writer.addSegmentHead(0, { nodeId: 1n, clusterId: 2n })
  const bytes = Buffer.from(writer.bytes)
  writer.begin(48)
  writer.addSnapshot({ index: 1, term: 1 })
  const next = Buffer.from(writer.bytes)
  expect(bytes.readUInt32LE(8 + 4)).toBe(0x01020304)
  const first = crc32c(bytes.subarray(8 + 4), crc32c(bytes.subarray(0, 8)))
  expect(bytes.readUInt32LE(8)).toBe(first)
  expect(next.readUInt32LE(4)).toBe(first)
  expect(next.readUInt32LE(0)).toBe(crc32c(next.subarray(4), first))
  expect(next.readUInt32LE(12)).toBe(48)
})

it('a buffer that was too small has the same bytes', () => {
  const data = Buffer.alloc(300_000, 7)
  const writer = new RecordWriter(1, { previous: 2, seed: 3 })
  const addTo = (to: RecordWriter) => {
    to.begin(0)
    for (let index = 1; index <= 3; index++) {
      to.addEntry({ type: 'EntryNormal', term: 1, index, data })
    }
    return Buffer.from(to.bytes)
  }
  const grown = addTo(writer)
  const again = addTo(new RecordWriter(1, { previous: 2, seed: 3 }))
  expect(again.equals(grown)).toBe(true)
  expect(grown).toHaveLength(3 * recordBytes(16 + data.length))
})

it.each([
  [{ number: 2, firstIndex: 0x31 }, '0000000000000002-0000000000000031.wal'],
  [{ number: 0, firstIndex: 2 ** 40 }, '0000000000000000-0000010000000000.wal'],
])('%o is called %s', (name, file) => {
  expect(segmentFileName(name)).toBe(file)
  expect(parseSegmentFileName(file)).toEqual(name)
})

it.each(['2.spare', '0.wal', '0000000000000000-0000000000000000.wal.tmp'])(
  '%s is no segment',
  (file) => {
    expect(parseSegmentFileName(file)).toBeUndefined()
  },
)

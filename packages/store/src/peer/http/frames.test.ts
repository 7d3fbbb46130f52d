import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../raft/types.js'
import { Entry } from '../../wire/raft.js'
import { encodeFrames, FrameReader, heartbeatFrame, streamKinds } from './frames.js'

const read = (kind: 'message' | 'msgapp', chunks: readonly Buffer[], bytesMax = 1e6): Message[] => {
  const messages: Message[] = []
  const reader = new FrameReader({ kind, from: 5n, to: 6n, bytesMax })
  for (const chunk of chunks) reader.push(chunk, (message) => messages.push(message))
  return messages
}

const app = (index: number, entries: readonly string[]): Message => ({
  type: 'MsgApp',
  from: 5n,
  to: 6n,
  term: 3,
  logTerm: 3,
  index,
  entries: entries.map((data, i) => ({
    type: 'EntryNormal',
    term: 3,
    index: index + 1 + i,
    data: Buffer.from(data),
  })),
  commit: index,
})

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

describe('frames', () => {
  it.each(streamKinds)('of a %s stream may be cut anywhere', (kind) => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.string({ minLength: 1, maxLength: 300 }), { maxLength: 4 }), {
          maxLength: 8,
        }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (lists, places) => {
          const messages = lists.map((entries, i) => app(i, entries))
          const bytes = Buffer.concat([
            heartbeatFrame(kind),
            ...messages.map((message) => encodeFrames(kind, [message])),
            heartbeatFrame(kind),
          ])
          expect(read(kind, cut(bytes, places))).toMatchObject(messages)
        },
      ),
    )
  })

  /** What etcd sends once it knows that the reader knows where it is. */
  it('of entries alone go on where the last message ended', () => {
    const u64 = (value: number) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64BE(BigInt(value))
      return bytes
    }
    const entry = (index: number) =>
      Buffer.from(
        Entry.encode({ type: 'EntryNormal', term: 3, index, data: Buffer.from(`e${index}`) }),
      )
    const short = (first: number, n: number, commit: number) => {
      const entries = Array.from({ length: n }, (_, i) => entry(first + i))
      const parts = entries.flatMap((bytes) => [u64(bytes.length), bytes])
      return Buffer.concat([Buffer.of(1), u64(n), ...parts, u64(commit)])
    }
    const bytes = Buffer.concat([
      encodeFrames('msgapp', [app(10, ['a', 'b'])]),
      short(13, 2, 11),
      Buffer.of(0),
      short(15, 1, 14),
    ])
    const expected = [
      app(10, ['a', 'b']),
      { ...app(12, ['e13', 'e14']), commit: 11 },
      { ...app(14, ['e15']), commit: 14 },
    ]
    for (const size of [1, 7, 8, 9, bytes.length]) {
      const places = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size)
      expect(read('msgapp', cut(bytes, places))).toMatchObject(expected)
    }
  })

  it.each(streamKinds)('of a %s stream that are longer than allowed are refused', (kind) => {
    const bytes = encodeFrames(kind, [app(1, ['x'.repeat(2000)])])
    expect(() => read(kind, [bytes.subarray(0, 100)], 1000)).toThrow('1000 at most')
  })

  it('never crash a reader', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...streamKinds),
        fc.uint8Array({ maxLength: 64 }),
        (kind, bytes) => {
          try {
            read(kind, [Buffer.from(bytes)])
          } catch (error) {
            expect(error).toMatchObject({ name: 'MalformedMessage' })
          }
        },
      ),
    )
  })
})

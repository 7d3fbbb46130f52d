import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answering } from './answering.fixture.js'
import { HeldClock, turns } from './clock.fixture.js'
import { decodeFrames, encodeFrame, literalBlock, requestFields, uint32 } from './frames.fixture.js'
import { Flag, FrameType, PREFACE } from './frames.js'
import { HeaderDecoder } from './hpack/decoder.js'
import { serveHttp2 } from './serve.js'
import { socketPair } from './socket-pair.fixture.js'

/** What a server says to these chunks, and whether it is still there. */
async function hear(chunks: readonly Uint8Array[]): Promise<{ bytes: Buffer; isOpen: boolean }> {
  const [client, server] = socketPair()
  const heard: Buffer[] = []
  client.on('data', (chunk: Buffer) => heard.push(chunk))
  client.on('error', () => client.destroy())
  serveHttp2(server, { clock: new HeldClock() }, answering())
  for (const chunk of chunks) {
    client.write(chunk)
    await turns(1)
  }
  await turns(2)
  const isOpen = !server.writableEnded
  client.destroy()
  await turns(1)
  return { bytes: Buffer.concat(heard), isOpen }
}

/** Answers by stream: its heads, its body as one, how it ended. */
function answersOf(bytes: Buffer): Record<number, unknown[]> {
  const decoder = new HeaderDecoder({ tableBytesMax: 4096, listBytesMax: 1e6 })
  const answers: Record<number, unknown[]> = {}
  const bodies = new Map<number, Buffer>()
  for (const { type, flags, streamId, payload } of decodeFrames(bytes).frames) {
    if (streamId === 0) continue
    answers[streamId] ??= []
    if (type === FrameType.headers) {
      answers[streamId].push(decoder.decode(payload, 0, payload.length))
    }
    if (type === FrameType.data) {
      bodies.set(streamId, Buffer.concat([bodies.get(streamId) ?? Buffer.alloc(0), payload]))
    }
    if (flags & Flag.endStream) answers[streamId].push(String(bodies.get(streamId) ?? ''), 'end')
  }
  return answers
}

const headers = (id: number, method: string, path: string, flags: number) =>
  encodeFrame(FrameType.headers, flags, id, literalBlock(requestFields(method, path)))

const conversation = Buffer.concat([
  PREFACE,
  encodeFrame(FrameType.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(100_000)])),
  headers(1, 'POST', '/echo', Flag.endHeaders),
  encodeFrame(FrameType.data, 0, 1, Buffer.from('hello ')),
  headers(3, 'GET', '/hello', Flag.endHeaders | Flag.endStream),
  encodeFrame(FrameType.settings, Flag.ack, 0, Buffer.alloc(0)),
  encodeFrame(FrameType.data, Flag.padded, 1, Buffer.from('\u0005world.....')),
  headers(5, 'POST', '/stream', 0),
  encodeFrame(FrameType.continuation, Flag.endHeaders, 5, literalBlock(['a', 'b'])),
  encodeFrame(FrameType.ping, 0, 0, Buffer.from('abcdefgh')),
  encodeFrame(FrameType.data, Flag.endStream, 5, Buffer.alloc(3000, 's')),
  encodeFrame(FrameType.data, Flag.endStream, 1, Buffer.alloc(0)),
  headers(7, 'GET', '/big/50000', Flag.endHeaders | Flag.endStream),
  headers(9, 'GET', '/trailers', Flag.endHeaders | Flag.endStream),
])

/** The bytes, cut where the numbers say. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b)
  return [0, ...sorted].map((start, i) => bytes.subarray(start, sorted[i] ?? bytes.length))
}

describe('a conversation', () => {
  it('is the same however it is cut', async () => {
    const whole = await hear([conversation])
    expect(whole.isOpen).toBe(true)
    const expected = answersOf(whole.bytes)
    expect(Object.keys(expected)).toEqual(['1', '3', '5', '7', '9'])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 40 }), async (places) => {
        const { bytes, isOpen } = await hear(cut(conversation, places))
        expect(isOpen).toBe(true)
        expect(answersOf(bytes)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same byte by byte', async () => {
    const expected = answersOf((await hear([conversation])).bytes)
    const bytes = [...conversation].map((byte) => Buffer.from([byte]))
    expect(answersOf((await hear(bytes)).bytes)).toEqual(expected)
  })
})

describe('what is no conversation', () => {
  const GOAWAY_CODES = [1, 3, 5, 6, 9, 11]

  /** Either it is taken for something, or it is refused with a code that says why. */
  async function check(bytes: Buffer, places: readonly number[]): Promise<void> {
    const heard = await hear(cut(bytes, places))
    const { frames, end } = decodeFrames(heard.bytes)
    expect(end).toBe(heard.bytes.length)
    const goaway = frames.find(({ type }) => type === FrameType.goaway)
    if (heard.isOpen) expect(goaway).toBeUndefined()
    else if (goaway !== undefined) {
      expect([0, ...GOAWAY_CODES]).toContain(goaway.payload.readUInt32BE(4))
    } else expect(bytes.subarray(0, PREFACE.length).equals(PREFACE)).toBe(false)
  }

  it('noise behind the preface', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (noise, places) =>
        check(Buffer.concat([PREFACE, noise]), places),
      ),
      { numRuns: 300 },
    )
  })

  it('noise in the shape of frames', async () => {
    const frame = fc
      .record({
        type: fc.integer({ min: 0, max: 11 }),
        flags: fc.integer({ min: 0, max: 255 }),
        streamId: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat()),
        payload: fc.uint8Array({ maxLength: 40 }),
      })
      .map(({ type, flags, streamId, payload }) => encodeFrame(type, flags, streamId, payload))
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 20 }), (frames) => {
        const settings = encodeFrame(FrameType.settings, 0, 0, Buffer.alloc(0))
        return check(Buffer.concat([PREFACE, settings, ...frames]), [])
      }),
      { numRuns: 500 },
    )
  })

  it('a conversation with some bytes changed', async () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    const changes = fc.array(change, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(changes, fc.array(fc.nat(), { maxLength: 5 }), (all, places) => {
        const bytes = Buffer.from(conversation)
        for (const [place, byte] of all) bytes[place % bytes.length] = byte
        return check(bytes, places)
      }),
      { numRuns: 500 },
    )
  })
})

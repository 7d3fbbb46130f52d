import { ErrorCode } from './errors.js'
import { FRAME_HEAD_BYTES, FrameType, writeFrameHead } from './frames.js'

/** Frames as a test writes and reads them. */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

export function encodeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length)
  writeFrameHead(bytes, 0, payload.length, type, flags, streamId)
  bytes.set(payload, FRAME_HEAD_BYTES)
  return bytes
}

/** The frames that are there as a whole, and where they end. */
export function decodeFrames(bytes: Buffer): { readonly frames: Frame[]; readonly end: number } {
  const frames: Frame[] = []
  let at = 0
  while (bytes.length - at >= FRAME_HEAD_BYTES) {
    const end = at + FRAME_HEAD_BYTES + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + FRAME_HEAD_BYTES, end),
    })
    at = end
  }
  return { frames, end: at }
}

export const uint32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i)
  return bytes
}

/** Fields that no table is needed for. Source: RFC 7541, 6.2.2. */
export const literalBlock = (fields: readonly string[]): Buffer =>
  Buffer.concat(
    fields.flatMap((text, i) => {
      const length = text.length < 127 ? [text.length] : integerAfter127(text.length)
      const head = i % 2 === 0 ? [0, ...length] : length
      return [Buffer.from(head), Buffer.from(text, 'latin1')]
    }),
  )

function integerAfter127(value: number): number[] {
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128)
  return [...bytes, rest]
}

export const requestFields = (method: string, path: string, more: readonly string[] = []) => [
  ':method',
  method,
  ':scheme',
  'http',
  ':path',
  path,
  ':authority',
  'test',
  ...more,
]

const named = (names: Readonly<Record<string, number>>) =>
  new Map(
    Object.entries(names).map(([name, value]) => [
      value,
      name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    ]),
  )

export const frameNames: ReadonlyMap<number, string> = named(FrameType)
export const codeNames: ReadonlyMap<number, string> = named(ErrorCode)

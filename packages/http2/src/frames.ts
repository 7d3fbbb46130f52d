/** The parts that a connection is cut into. Source: RFC 9113, 4.1 and 6. */

/** Length (3 bytes), type, flags, stream (4 bytes). */
export const FRAME_HEAD_BYTES = 9

export const FrameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const

export const Flag = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const

/** What a frame may be before anybody has agreed to more. */
export const FRAME_BYTES_DEFAULT = 16_384

/** The highest stream, and the largest window. */
export const MAX_31_BITS = 0x7fff_ffff

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** Answers where the payload begins. */
export function writeFrameHead(
  into: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  into[at] = length >>> 16
  into[at + 1] = length >>> 8
  into[at + 2] = length
  into[at + 3] = type
  into[at + 4] = flags
  return writeUint32(into, at + 5, streamId)
}

/** Answers what comes after it. */
export function writeUint32(into: Uint8Array, at: number, value: number): number {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
  return at + 4
}

export const readUint32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0

/** Of what has a bit that means something else, or nothing, in front. */
export const readUint31 = (bytes: Uint8Array, at: number): number =>
  readUint32(bytes, at) & MAX_31_BITS

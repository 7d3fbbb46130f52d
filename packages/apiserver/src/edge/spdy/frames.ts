/** The types of control frames. Source: SPDY protocol draft 3.1, 2.6. */
export const FrameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

export const ResetCode = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
  streamInUse: 8,
  streamAlreadyClosed: 9,
} as const

export const GoAwayCode = { ok: 0, protocolError: 1, internalError: 2 } as const

export const FLAG_FIN = 1
export const SETTING_INITIAL_WINDOW = 7

const VERSION = 3
const CONTROL = 0x8000
const HEAD_BYTES = 8

export type Frame =
  | {
      readonly kind: 'data'
      readonly streamId: number
      readonly flags: number
      readonly payload: Buffer
    }
  | {
      readonly kind: 'control'
      readonly type: number
      readonly flags: number
      readonly payload: Buffer
    }

/** What no connection survives. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError'
}

/** Takes bytes as they come, gives whole frames. Throws `SpdyError` at what is none. */
export class FrameReader {
  readonly #frameBytesMax: number
  #rest: Buffer = Buffer.alloc(0)

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  *read(bytes: Buffer): Generator<Frame> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= HEAD_BYTES) {
      const first = this.#rest.readUInt16BE(0)
      const isControl = (first & CONTROL) !== 0
      if (isControl && (first & ~CONTROL) !== VERSION)
        throw new SpdyError(`version ${first & ~CONTROL} is not spoken`)
      const length = this.#rest.readUIntBE(5, 3)
      if (length > this.#frameBytesMax) throw new SpdyError(`a frame of ${length} bytes`)
      if (this.#rest.length < HEAD_BYTES + length) return
      const payload = this.#rest.subarray(HEAD_BYTES, HEAD_BYTES + length)
      const flags = this.#rest.readUInt8(4)
      const frame: Frame = isControl
        ? { kind: 'control', type: this.#rest.readUInt16BE(2), flags, payload }
        : { kind: 'data', streamId: this.#rest.readUInt32BE(0), flags, payload }
      this.#rest = this.#rest.subarray(HEAD_BYTES + length)
      yield frame
    }
  }
}

export function controlFrame(type: number, flags: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt16BE(CONTROL | VERSION, 0)
  head.writeUInt16BE(type, 2)
  return frameOf(head, flags, payload)
}

export function dataFrame(streamId: number, flags: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32BE(streamId, 0)
  return frameOf(head, flags, payload)
}

function frameOf(head: Buffer, flags: number, payload: Uint8Array): Buffer {
  head.writeUInt8(flags, 4)
  head.writeUIntBE(payload.length, 5, 3)
  return Buffer.concat([head, payload])
}

/** A payload of whole 32-bit numbers. */
export function numbers(...values: readonly number[]): Buffer {
  const payload = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) payload.writeUInt32BE(value, index * 4)
  return payload
}

const STREAM_ID = 0x7fff_ffff

/** The number at the beginning of a payload of at least `length` bytes, without its first bit. */
export function streamIdOf(payload: Buffer, length = 4): number {
  if (payload.length < length) throw new SpdyError(`a frame of only ${payload.length} bytes`)
  return payload.readUInt32BE(0) & STREAM_ID
}

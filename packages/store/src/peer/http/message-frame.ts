import type { Message } from '../../raft/types.js'
import { Message as WireMessage } from '../../wire/raft.js'

/** What was found at a place of a stream. */
export interface Frame {
  /** Undefined: not all of it is there yet. */
  readonly message: Message | undefined
  /** Of the frame; without a message: up to where there must be bytes to know more. */
  readonly end: number
}

export const LENGTH_BYTES = 8

/** 8 bytes of length, then a raftpb.Message. */
export function readMessageFrame(bytes: Buffer, at: number): Frame {
  const start = at + LENGTH_BYTES
  if (bytes.length < start) return { message: undefined, end: start }
  const end = start + readNumber(bytes, at)
  if (bytes.length < end) return { message: undefined, end }
  return { message: WireMessage.decode(bytes.subarray(start, end)), end }
}

/** Answers where it ends. */
export function writeNumber(bytes: Buffer, at: number, value: number): number {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), at)
  return bytes.writeUInt32BE(value % 2 ** 32, at + 4)
}

/** Exact up to 2^53; what is beyond is too much anyway. */
export const readNumber = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)

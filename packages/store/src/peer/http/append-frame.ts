import type { Entry, Message, NodeId } from '../../raft/types.js'
import { MalformedMessage } from '../../wire/message.js'
import { Entry as WireEntry } from '../../wire/raft.js'
import { type Frame, LENGTH_BYTES, readMessageFrame, readNumber } from './message-frame.js'

/**
 * The three forms of a frame in a stream of entries, as its first byte says. Source: etcd,
 * rafthttp/msgappv2_codec.go.
 */
const HEARTBEAT = 0
const ENTRIES = 1
export const WHOLE_MESSAGE = 2
export const FORM_BYTES = 1

/**
 * Reads a stream of entries. Entries that go on where the last message ended come without it, so
 * the reader keeps where that was.
 */
export class AppendFrames {
  readonly #from: NodeId
  readonly #to: NodeId
  #term = 0
  #index = 0

  constructor(from: NodeId, to: NodeId) {
    this.#from = from
    this.#to = to
  }

  read(bytes: Buffer, at: number): Frame {
    const start = at + FORM_BYTES
    if (bytes.length < start) return { message: undefined, end: start }
    switch (bytes[at]) {
      case HEARTBEAT:
        return { message: HEARTBEAT_MESSAGE, end: start }
      case ENTRIES:
        return this.#readEntries(bytes, start)
      case WHOLE_MESSAGE:
        return this.#readMessage(bytes, start)
      default:
        throw new MalformedMessage('a frame of no known form in a stream of entries')
    }
  }

  #readMessage(bytes: Buffer, at: number): Frame {
    const frame = readMessageFrame(bytes, at)
    if (frame.message !== undefined) {
      this.#term = frame.message.term
      this.#index = frame.message.entries?.at(-1)?.index ?? frame.message.index ?? 0
    }
    return frame
  }

  #readEntries(bytes: Buffer, start: number): Frame {
    let at = start + LENGTH_BYTES
    if (bytes.length < at) return { message: undefined, end: at }
    const entries: Entry[] = []
    for (let left = readNumber(bytes, start); left > 0; left--) {
      const begin = at + LENGTH_BYTES
      if (bytes.length < begin) return { message: undefined, end: begin }
      at = begin + readNumber(bytes, at)
      if (bytes.length < at) return { message: undefined, end: at }
      entries.push(WireEntry.decode(bytes.subarray(begin, at)))
    }
    const end = at + LENGTH_BYTES
    if (bytes.length < end) return { message: undefined, end }
    const message: Message = {
      type: 'MsgApp',
      from: this.#from,
      to: this.#to,
      term: this.#term,
      logTerm: this.#term,
      index: this.#index,
      entries,
      commit: readNumber(bytes, at),
    }
    this.#index += entries.length
    return { message, end }
  }
}

/** From nobody to nobody: it only says that the stream lives. */
const HEARTBEAT_MESSAGE: Message = { type: 'MsgHeartbeat', from: 0n, to: 0n, term: 0 }

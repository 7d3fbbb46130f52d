import type { EncodedWatchEvent } from '@miniplane/api'
import { type AnswerStream, type Framing, lengthOf } from './answer-stream.js'
import type { TurnEnd } from './turn-end.js'

/** Bytes of events that are joined into one write; what is longer goes out in several. */
const JOINED_BYTES_MAX = 256 * 1024

type Lines = readonly Uint8Array[]

/**
 * Gathers the events of one turn of the event loop and writes them when it ends: one write a
 * connection, whatever number of changes there were. Watches that are sent the same events share the
 * bytes of that write.
 */
export class EventOutbox {
  readonly #turnEnd: TurnEnd
  #waiting: Mailbox[] = []

  constructor(turnEnd: TurnEnd) {
    this.#turnEnd = turnEnd
  }

  /** `queuedBytesMax`: what the client may be behind, beside what it gets at first. */
  open(stream: AnswerStream, queuedBytesMax: number): Mailbox {
    return new Mailbox(stream, queuedBytesMax, this)
  }

  add(mailbox: Mailbox): void {
    this.#waiting.push(mailbox)
    if (this.#waiting.length === 1) this.#turnEnd.add(this.#flush)
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    const writes = new SharedWrites()
    for (const mailbox of waiting) mailbox.flush(writes)
  }
}

/** What waits to be sent on one watch. */
export class Mailbox {
  readonly #stream: AnswerStream
  readonly #queuedBytesMax: number
  readonly #outbox: EventOutbox
  #lines: Uint8Array[] = []
  #isWaiting = false
  #isEnding = false
  #initialBytes: number | undefined

  constructor(stream: AnswerStream, queuedBytesMax: number, outbox: EventOutbox) {
    this.#stream = stream
    this.#queuedBytesMax = queuedBytesMax
    this.#outbox = outbox
  }

  put(events: readonly EncodedWatchEvent[]): void {
    if (this.#stream.isClosed) return
    for (const event of events) this.#lines.push(event.bytes())
    // What there is already may be more than any reader could be behind.
    this.#initialBytes ??= lengthOf(this.#lines)
    this.#wait()
  }

  /** After what was put. */
  end(): void {
    this.#isEnding = true
    this.#wait()
  }

  flush(writes: SharedWrites): void {
    this.#isWaiting = false
    const stream = this.#stream
    const lines = this.#lines
    this.#lines = []
    if (stream.isClosed) return
    for (const bytes of writes.of(stream.framing, lines)) stream.writeFramed(bytes)
    if (this.#isEnding) stream.finish()
    // One that is too far behind is cut off, and lists again.
    else if (stream.queuedBytes > this.#queuedBytesMax + (this.#initialBytes ?? 0)) stream.destroy()
  }

  #wait(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#outbox.add(this)
  }
}

interface SharedWrite {
  readonly framing: Framing
  readonly lines: Lines
  readonly writes: readonly Uint8Array[]
}

/** The writes of one turn, found by the events that they hold. */
class SharedWrites {
  readonly #byFirst = new Map<Uint8Array, SharedWrite[]>()

  of(framing: Framing, lines: Lines): readonly Uint8Array[] {
    const [first] = lines
    if (!first) return []
    const known = this.#byFirst.get(first)
    for (const one of known ?? [])
      if (one.framing === framing && areSame(one.lines, lines)) return one.writes
    const writes = joined(framing, lines)
    if (known) known.push({ framing, lines, writes })
    else this.#byFirst.set(first, [{ framing, lines, writes }])
    return writes
  }
}

/** Events are encoded once: those that are the same are the same bytes in memory. */
const areSame = (a: Lines, b: Lines): boolean =>
  a.length === b.length && a.every((line, i) => line === b[i])

function joined(framing: Framing, lines: Lines): Uint8Array[] {
  const writes: Uint8Array[] = []
  let start = 0
  let size = 0
  for (const [i, line] of lines.entries()) {
    if (size > 0 && size + line.length > JOINED_BYTES_MAX) {
      writes.push(framing.join(lines.slice(start, i)))
      start = i
      size = 0
    }
    size += line.length
  }
  writes.push(framing.join(start === 0 ? lines : lines.slice(start)))
  return writes
}

import type { LogOptions } from '@miniplane/api'
import type { Output } from '../container/replay.js'
import { limits } from '../limits.js'

const NEWLINE = 0x0a
/** What is longer without a newline is written in parts. */
const PART_BYTES = 16 * 1024

export interface LogLine {
  readonly timeMs: number
  /** With its newline. */
  readonly bytes: Uint8Array
}

/** Output as a runtime writes it to its log: whole lines, each stream's on its own. */
export async function* linesOf(outputs: AsyncIterable<Output>): AsyncGenerator<LogLine> {
  const begun = new Map<Output['stream'], Buffer>()
  let lastMs = 0
  for await (const { timeMs, stream, bytes } of outputs) {
    lastMs = timeMs
    let rest = Buffer.concat([begun.get(stream) ?? Buffer.alloc(0), bytes])
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield { timeMs, bytes: rest.subarray(0, end + 1) }
      rest = rest.subarray(end + 1)
    }
    if (rest.length >= PART_BYTES) {
      yield { timeMs, bytes: rest }
      rest = Buffer.alloc(0)
    }
    begun.set(stream, rest)
  }
  for (const rest of begun.values()) if (rest.length > 0) yield { timeMs: lastMs, bytes: rest }
}

/** What somebody wants to see of a log: `past` is what was printed before he asked, then `coming`. */
export async function* selected(
  past: AsyncIterable<LogLine>,
  coming: AsyncIterable<LogLine> | undefined,
  { tailLines, limitBytes, sinceMs, timestamps }: LogOptions,
): AsyncGenerator<Uint8Array> {
  let left = limitBytes ?? Number.POSITIVE_INFINITY
  for await (const { timeMs, bytes } of both(lastOf(since(past, sinceMs), tailLines), coming)) {
    const stamp = timestamps ? `${timestamp(timeMs)} ` : ''
    const whole = Buffer.concat([Buffer.from(stamp), bytes])
    yield whole.subarray(0, Math.min(left, whole.length))
    left -= whole.length
    if (left <= 0) return
  }
}

async function* both(
  first: AsyncIterable<LogLine>,
  second: AsyncIterable<LogLine> | undefined,
): AsyncGenerator<LogLine> {
  yield* upTo(limits.logBytesMax, first)
  if (second) yield* second
}

async function* upTo(bytesMax: number, lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  let left = bytesMax
  for await (const line of lines) {
    left -= line.bytes.length
    if (left < 0) return
    yield line
  }
}

async function* since(
  lines: AsyncIterable<LogLine>,
  sinceMs: number | undefined,
): AsyncGenerator<LogLine> {
  for await (const line of lines) if (sinceMs === undefined || line.timeMs >= sinceMs) yield line
}

async function* lastOf(
  lines: AsyncIterable<LogLine>,
  count: number | undefined,
): AsyncGenerator<LogLine> {
  if (count === undefined) {
    yield* lines
    return
  }
  let last: LogLine[] = []
  let from = 0
  let size = 0
  for await (const line of lines) {
    last.push(line)
    size += line.bytes.length
    while (last.length - from > count || size > limits.logBytesMax)
      size -= last[from++]?.bytes.length ?? 0
    // Not each time: it takes as long as there are others.
    if (from * 2 < last.length) continue
    last = last.slice(from)
    from = 0
  }
  yield* last.slice(from)
}

/** With nanoseconds, without zeros at their end: Go's RFC3339Nano. */
export function timestamp(ms: number): string {
  const whole = new Date(ms).toISOString()
  const micros = String(Math.floor((ms % 1) * 1e6)).padStart(6, '0')
  const fraction = `${whole.slice(20, 23)}${micros}`.replace(/0+$/, '')
  return `${whole.slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`
}

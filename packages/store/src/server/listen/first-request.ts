import type { Duplex } from 'node:stream'
import type { Clock } from '../../clock.js'
import { mendAuthority } from './authority.js'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const FRAME_HEAD_BYTES = 9
/** More than this no client may send before it has heard of us. Source: RFC 9113, 6.9.2. */
const BUFFERED_BYTES_MAX = 2 * 65_535

const HEADERS = 1
const SETTINGS = 4
const WINDOW_UPDATE = 8
const ACK = 1
const END_HEADERS = 4
const PADDED = 8
const PRIORITY = 0x20

/** An answer to the preface that settles nothing. */
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])

interface Frame {
  readonly type: number
  readonly flags: number
  readonly start: number
  readonly end: number
}

/**
 * Reads a connection up to its first request, mends that one's authority (those that follow refer to
 * it) and puts everything back. Clients that wait for our settings before they ask get some; the
 * acknowledgement is kept from who serves the connection, who will send settings of its own. A
 * connection that doesn't begin as it must, or not in time, is closed; one that then asks nothing isn't.
 */
export function awaitFirstRequest(
  socket: Duplex,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  onReady: () => void,
): void {
  const timer = clock.setTimer(timeoutMs, () => socket.destroy())
  let bytes: Buffer = Buffer.alloc(0)
  let at = PREFACE.length
  let hasSettled = false
  let isAcknowledged = false
  let hasRequest = false
  const onEnd = () => socket.destroy()
  const onReadable = () => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    if (!startsWithPreface(bytes)) return onEnd()
    for (let frame = frameAt(bytes, at); frame; frame = frameAt(bytes, at)) take(frame)
    if (hasRequest && (isAcknowledged || !hasSettled)) return finish()
    if (bytes.length > BUFFERED_BYTES_MAX) return onEnd()
    if (bytes.length < PREFACE.length || hasSettled) return
    timer.cancel()
    hasSettled = true
    socket.write(EMPTY_SETTINGS)
  }
  const take = (frame: Frame) => {
    const isAck = frame.type === SETTINGS && (frame.flags & ACK) !== 0
    if (isAck && hasSettled && !isAcknowledged) {
      isAcknowledged = true
      bytes = Buffer.concat([bytes.subarray(0, frame.start), bytes.subarray(frame.end)])
      return
    }
    at = frame.end
    if (frame.type === SETTINGS || frame.type === WINDOW_UPDATE || hasRequest) return
    hasRequest = true
    if (frame.type === HEADERS && (frame.flags & END_HEADERS) !== 0)
      mendAuthority(blockOf(bytes, frame))
  }
  const finish = () => {
    timer.cancel()
    socket.off('readable', onReadable)
    socket.off('end', onEnd)
    socket.unshift(bytes)
    onReady()
  }
  socket.on('readable', onReadable)
  socket.on('end', onEnd)
}

function startsWithPreface(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, PREFACE.length)
  return bytes.compare(PREFACE, 0, length, 0, length) === 0
}

/** Undefined: it is not there yet, as a whole. */
function frameAt(bytes: Buffer, start: number): Frame | undefined {
  if (bytes.length < start + FRAME_HEAD_BYTES) return undefined
  const end = start + FRAME_HEAD_BYTES + bytes.readUIntBE(start, 3)
  if (bytes.length < end) return undefined
  return { type: bytes.readUInt8(start + 3), flags: bytes.readUInt8(start + 4), start, end }
}

/** The header fields in a HEADERS frame. Source: RFC 9113, 6.2. */
function blockOf(bytes: Buffer, { flags, start, end }: Frame): Buffer {
  let from = start + FRAME_HEAD_BYTES
  let to = end
  if (flags & PADDED) to -= bytes.readUInt8(from++)
  if (flags & PRIORITY) from += 5
  return bytes.subarray(from, Math.max(from, to))
}

import type { Duplex } from 'node:stream'
import type { Clock } from '../../clock.js'

export type Protocol = 'tls' | 'http2' | 'http1'

/** How a client that knows beforehand begins HTTP/2; no method of HTTP/1.1 does. Source: RFC 9113, 3.4. */
const PREFACE = Buffer.from('PRI')
/** A handshake record. Source: RFC 8446, 5.1. */
const TLS_HANDSHAKE = 0x16

/**
 * Tells by its first bytes what a connection speaks, and puts them back. A connection that says
 * nothing for so long is closed.
 */
export function sniff(
  socket: Duplex,
  { clock, timeoutMs }: { readonly clock: Clock; readonly timeoutMs: number },
  onKnown: (protocol: Protocol) => void,
): void {
  let head: Buffer | undefined
  const timer = clock.setTimer(timeoutMs, () => socket.destroy())
  const stop = () => {
    timer.cancel()
    socket.off('readable', onReadable)
    socket.off('end', onEnd)
    socket.off('close', stop)
  }
  const onEnd = () => socket.destroy()
  const onReadable = () => {
    const chunk: Buffer | null = socket.read()
    if (chunk === null) return
    head = head === undefined ? chunk : Buffer.concat([head, chunk])
    const protocol = protocolOf(head)
    if (protocol === undefined) return
    stop()
    socket.unshift(head)
    onKnown(protocol)
  }
  socket.on('readable', onReadable)
  socket.on('end', onEnd)
  socket.on('close', stop)
}

/** Undefined: it can't be told yet. */
function protocolOf(head: Buffer): Protocol | undefined {
  if (head[0] === TLS_HANDSHAKE) return 'tls'
  const length = Math.min(head.length, PREFACE.length)
  if (head.compare(PREFACE, 0, length, 0, length) !== 0) return 'http1'
  return length === PREFACE.length ? 'http2' : undefined
}

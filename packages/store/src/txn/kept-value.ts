/** Up to this size the bytes beside a value are not worth a copy: Node's own pool is that large. */
const SHARED_BYTES_MAX = 8192

/**
 * A value that is kept keeps all the bytes that it is a view of: what a connection or a file was read
 * with, and all that came with it. One that is the small part of them is copied.
 */
export function keptValue(value: Uint8Array): Uint8Array {
  const { byteLength } = value.buffer
  if (byteLength <= SHARED_BYTES_MAX || byteLength <= 2 * value.length) return value
  const copy = Buffer.allocUnsafe(value.length)
  copy.set(value)
  return copy
}

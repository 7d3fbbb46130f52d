/**
 * A value that is kept keeps all the bytes that it is a view of: what a connection or a file was read
 * with, and all that came with it. One that is the small part of them is copied, unless they are no
 * more than the pool of Node (8 KiB, since Node 24 64 KiB) in which the copy would lie.
 */
export function keptValue(value: Uint8Array): Uint8Array {
  const { byteLength } = value.buffer
  if (byteLength <= Buffer.poolSize || byteLength <= 2 * value.length) return value
  const copy = Buffer.allocUnsafe(value.length)
  copy.set(value)
  return copy
}

import { encodeJsonText, type ListMeta } from '@miniplane/api'
import type { StoredObject } from '../storage/stored-object.js'

const COMMA = 0x2c
const END = ']}\n'

/** A list made of the bytes that its items were stored as; nothing is encoded again. */
export function encodeList(
  kind: string,
  apiVersion: string,
  metadata: ListMeta,
  items: readonly StoredObject[],
): Uint8Array {
  const head = Buffer.from(
    `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${encodeJsonText(metadata)},"items":[`,
  )
  let size = head.length + END.length + Math.max(items.length - 1, 0)
  for (const item of items) size += item.itemLength
  const list = Buffer.allocUnsafe(size)
  list.set(head)
  let at = head.length
  let isFirst = true
  for (const item of items) {
    if (!isFirst) list[at++] = COMMA
    isFirst = false
    at = item.writeItem(list, at)
  }
  list.write(END, at, 'latin1')
  return list
}

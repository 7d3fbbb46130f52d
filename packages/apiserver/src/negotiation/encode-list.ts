import { encodeJsonText, type ListMeta } from '@miniplane/api'
import type { ListItem } from '../storage/shared-object.js'

const COMMA = 0x2c

/** A list made of the bytes that its items were stored as; nothing is encoded again. */
export function encodeList(
  kind: string,
  apiVersion: string,
  metadata: ListMeta,
  items: readonly ListItem[],
): Uint8Array {
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${encodeJsonText(metadata)},"items":[`
  return encodeItems(head, items, ']}\n')
}

/** Items with commas between them, and something in front and behind (the latter in ASCII). */
export function encodeItems(head: string, items: readonly ListItem[], end: string): Uint8Array {
  const headLength = Buffer.byteLength(head)
  let size = headLength + end.length + Math.max(items.length - 1, 0)
  for (const item of items) size += item.itemLength
  const list = Buffer.allocUnsafe(size)
  list.write(head)
  let at = headLength
  let isFirst = true
  for (const item of items) {
    if (!isFirst) list[at++] = COMMA
    isFirst = false
    at = item.writeItem(list, at)
  }
  list.write(end, at, 'latin1')
  return list
}

import { encodeJsonText, type ListMeta } from '@miniplane/api'
import type { ListItem, SharedObject } from '../storage/shared-object.js'

const COMMA = 0x2c
const END = ']}\n'
/** No run is longer; shorter ones are encoded each time, which costs less than to keep them. */
const RUN_ITEMS_MAX = 256
const RUN_ITEMS_MIN = 8

const headOf = (kind: string, apiVersion: string, metadata: ListMeta): string =>
  `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${encodeJsonText(metadata)},"items":[`

/** A list made of the bytes that its items were stored as; nothing is encoded again. */
export function encodeList(
  kind: string,
  apiVersion: string,
  metadata: ListMeta,
  items: readonly ListItem[],
): Uint8Array {
  return encodeItems(headOf(kind, apiVersion, metadata), items, END)
}

/** The same in pieces. Those that are as they were in a list before are the same bytes. */
export function encodeListParts(
  kind: string,
  apiVersion: string,
  metadata: ListMeta,
  items: readonly SharedObject[],
): readonly Uint8Array[] {
  if (items.length < RUN_ITEMS_MIN) return [encodeList(kind, apiVersion, metadata, items)]
  const parts: Uint8Array[] = [Buffer.from(headOf(kind, apiVersion, metadata))]
  let start = 0
  for (const [i, item] of items.entries()) {
    const end = i + 1
    if (!item.endsRun && end - start < RUN_ITEMS_MAX && end < items.length) continue
    const bytes = runOf(items, start, end)
    // Nothing stands before the first.
    parts.push(start === 0 ? bytes.subarray(1) : bytes)
    start = end
  }
  parts.push(Buffer.from(END))
  return parts
}

function runOf(items: readonly SharedObject[], start: number, end: number): Uint8Array {
  const first = items[start] as SharedObject
  const { run } = first
  if (run && isSame(run.items, items, start, end)) return run.bytes
  const those = items.slice(start, end)
  const bytes = encodeItems(',', those, '')
  if (those.length >= RUN_ITEMS_MIN) first.run = { items: those, bytes }
  return bytes
}

function isSame(
  before: readonly SharedObject[],
  items: readonly SharedObject[],
  start: number,
  end: number,
): boolean {
  if (before.length !== end - start) return false
  for (let i = start; i < end; i++) if (items[i] !== before[i - start]) return false
  return true
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

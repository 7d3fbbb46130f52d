/**
 * A key is a string in which each char is one byte (0x00 to 0xff), so that the order of strings is
 * the order of bytes. Convert with latin1, never with UTF-8.
 */
export type Key = string

/**
 * Which keys: without `rangeEnd` (or with an empty one) the key alone; with it every key from `key`
 * on and below `rangeEnd`; with `'\0'` every key from `key` on.
 *
 * Source: etcd v3 API, RangeRequest.
 */
export interface KeyRange {
  readonly key: Key
  readonly rangeEnd?: Key | undefined
}

/** As a range's end: there is none. */
export const FROM_KEY = '\0'

/** Sorts after every key, since a key's chars end at 0xff. */
const AFTER_EVERY_KEY = '\u0100'

/** Every key that begins with `prefix`; with an empty prefix, every key. */
export function prefixRange(prefix: Key): { readonly key: Key; readonly rangeEnd: Key } {
  if (prefix === '') return { key: FROM_KEY, rangeEnd: FROM_KEY }
  return { key: prefix, rangeEnd: prefixEnd(prefix) }
}

/** The first key after all keys that begin with `prefix`; `'\0'` (no end) when there is none. */
export function prefixEnd(prefix: Key): Key {
  for (let last = prefix.length - 1; last >= 0; last--) {
    const byte = prefix.charCodeAt(last)
    if (byte < 0xff) return prefix.slice(0, last) + String.fromCharCode(byte + 1)
  }
  return FROM_KEY
}

/** The smallest key after `key`: the `key` of the next page of a limited range. */
export const keyAfter = (key: Key): Key => `${key}\0`

export const isSingleKey = (range: KeyRange): boolean =>
  range.rangeEnd === undefined || range.rangeEnd === ''

/** The first string that is past the range, whatever its form: for comparing with `<`. */
export function upperBound({ key, rangeEnd }: KeyRange): string {
  if (rangeEnd === undefined || rangeEnd === '') return keyAfter(key)
  return rangeEnd === FROM_KEY ? AFTER_EVERY_KEY : rangeEnd
}

/** Whether `key` lies in the range. */
export function contains(range: KeyRange, key: Key): boolean {
  if (isSingleKey(range)) return key === range.key
  return key >= range.key && key < upperBound(range)
}

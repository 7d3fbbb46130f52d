const encoder = new TextEncoder()

/** JSON.stringify leaves these to the reader; Go's encoder never does, for the sake of HTML. */
const ESCAPED = /[<>&\u2028\u2029]/g
const NEEDS_ESCAPE = /[<>&\u2028\u2029]/

/**
 * JSON exactly as Go's encoder writes the same value: no spaces, and `<`, `>` and `&` as escapes.
 */
export function encodeJsonText(value: unknown, indent?: number): string {
  const text = stringifyJson(value, indent)
  if (!NEEDS_ESCAPE.test(text)) return text
  return text.replace(ESCAPED, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** JSON without the escapes for HTML. */
export function stringifyJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent)
  } catch (error) {
    // Not of bigints, which it refuses, for want of a form that all readers know.
    if (!(error instanceof TypeError)) throw error
    return stringifyWithBigints(value, indent)
  }
}

/** No string holds half of a surrogate pair, and the escape of one is written in no other way. */
const MARK = '\ud800'
const MARKED = /"\\ud800(-?\d+)"/g

function stringifyWithBigints(value: unknown, indent: number | undefined): string {
  const marked = (_key: string, one: unknown) => (typeof one === 'bigint' ? `${MARK}${one}` : one)
  return JSON.stringify(value, marked, indent).replace(MARKED, '$1')
}

/** `encodeJsonText` as UTF-8. No newline at the end: the server's transport adds that. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(encodeJsonText(value))
}

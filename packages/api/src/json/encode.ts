const encoder = new TextEncoder()

/** JSON.stringify leaves these to the reader; Go's encoder never does, for the sake of HTML. */
const ESCAPED = /[<>&\u2028\u2029]/g
const NEEDS_ESCAPE = /[<>&\u2028\u2029]/

/**
 * JSON exactly as Go's encoder writes the same value: no spaces but for an
 * `indent`, `<`, `>` and `&` as escapes.
 */
export function encodeJsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent)
  if (!NEEDS_ESCAPE.test(text)) return text
  return text.replace(ESCAPED, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** `encodeJsonText` as UTF-8. No newline at the end: the server's transport adds that. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(encodeJsonText(value))
}

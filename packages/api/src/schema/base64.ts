/** What Go's base64 package says; the offset is of the first byte that does not fit. */
export class Base64Error extends Error {
  override readonly name = 'Base64Error'
}

const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const SYMBOL = /[A-Za-z0-9+/]/

/** The same bytes in standard base64 without line breaks. Throws `Base64Error`. */
export function canonicalBase64(text: string): string {
  if (CANONICAL.test(text)) return withZeroPadBits(text)
  const joined = text.replace(/[\r\n]/g, '')
  if (CANONICAL.test(joined)) return withZeroPadBits(joined)
  throw new Base64Error(`illegal base64 data at input byte ${corruptOffset(text)}`)
}

/** Bits that the padding makes meaningless may be set in the input and are not when written. */
function withZeroPadBits(text: string): string {
  return text.endsWith('=') ? Buffer.from(text, 'base64').toString('base64') : text
}

/** Where a decoder that reads groups of four gives up. */
function corruptOffset(text: string): number {
  let inGroup = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    if (character === '\n' || character === '\r') continue
    if (SYMBOL.test(character)) {
      inGroup = (inGroup + 1) % 4
      continue
    }
    if (character !== '=' || inGroup < 2) return i
    return afterPadding(text, i, inGroup)
  }
  return text.length - inGroup
}

function afterPadding(text: string, start: number, inGroup: number): number {
  let i = start + 1
  const skipBreaks = () => {
    while (text[i] === '\n' || text[i] === '\r') i++
  }
  skipBreaks()
  if (inGroup === 2) {
    if (i === text.length) return text.length
    if (text[i] !== '=') return i
    i++
    skipBreaks()
  }
  return i
}

/** All warnings of an answer together; beyond that each is cut, and then the rest is left out. */
const TOTAL_LENGTH_MAX = 4096
const CUT_LENGTH = 256

/** Texts as `Warning` headers (RFC 7234 §5.5), each once, within what clients take as headers. */
export function warningHeaders(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts)]
  return (isShort(distinct) ? distinct : shortened(distinct)).map(
    (text) => `299 - ${JSON.stringify(text)}`,
  )
}

function isShort(texts: readonly string[]): boolean {
  let length = 0
  for (const text of texts) length += text.length
  return length <= TOTAL_LENGTH_MAX
}

function shortened(texts: readonly string[]): string[] {
  const kept: string[] = []
  let length = 0
  for (const text of texts) {
    const cut = [...text.slice(0, 2 * CUT_LENGTH)].slice(0, CUT_LENGTH).join('')
    length += cut.length
    if (length > TOTAL_LENGTH_MAX) break
    kept.push(cut)
  }
  return kept
}

// Headers that say who a user is: from one who may act as others, or from a proxy that is believed.

/** A header's lines: the edge puts line breaks between them. */
export const linesOf = (value: string | undefined): string[] =>
  value === undefined ? [] : value.split('\n')

/** A key of extra values that is badly escaped is taken as it stands, as the real server does. */
export function unescapedKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

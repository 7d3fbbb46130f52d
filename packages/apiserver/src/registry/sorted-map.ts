/**
 * A map in the order of its keys, in which the real server writes every map: for those that a
 * strategy or a plugin has added to (decoding has sorted what a client sent).
 */
export const sortedMap = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))

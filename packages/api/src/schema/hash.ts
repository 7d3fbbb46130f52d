/** 32-bit FNV-1a of a text's UTF-8 bytes. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** Kubernetes' alphabet for hashes in names. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

/** Turns each character of a number's text into one that can't form a word. */
export function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += SAFE[text.charCodeAt(i) % SAFE.length]
  return encoded
}

/**
 * Names a pod template: equal templates get equal hashes, and a `collisionCount` gives the same
 * template another one. Not the real server's value: that one hashes Go's memory layout.
 */
export function podTemplateHash(template: unknown, collisionCount?: number): string {
  const count = collisionCount === undefined ? '' : String(collisionCount)
  return safeEncode(String(fnv32a(canonicalJson(template) + count)))
}

/** JSON with sorted keys and without what is absent: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

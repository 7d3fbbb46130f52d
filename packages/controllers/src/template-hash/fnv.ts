/** 32-bit FNV, in both of its orders: 1 multiplies first, 1a last. */
export class Fnv32 {
  readonly #kind: '1' | '1a'
  #sum = 0x811c9dc5

  constructor(kind: '1' | '1a') {
    this.#kind = kind
  }

  write(bytes: Uint8Array): this {
    let sum = this.#sum
    if (this.#kind === '1a') for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193)
    else for (const byte of bytes) sum = Math.imul(sum, 0x01000193) ^ byte
    this.#sum = sum
    return this
  }

  writeText(text: string): this {
    return this.write(Buffer.from(text))
  }

  /** As it is written in names. */
  toName(): string {
    return safeEncode(String(this.#sum >>> 0))
  }
}

/** Without vowels and what looks like them, so that no hash is a word. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789'

/** Each character of the number's text becomes another one: there is no way back. */
function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += SAFE[text.charCodeAt(i) % SAFE.length]
  return encoded
}

import type { KeyValue } from '../client/store-client.js'
import { KeyValue as KeyValueMessage } from '../wire/kv.js'
import {
  CREATE_REVISION_TAG,
  KEY_TAG,
  LEASE_TAG,
  MOD_REVISION_TAG,
  VALUE_TAG,
  VERSION_TAG,
} from './record-entry.js'

const NOTHING = new Uint8Array(0)

/** Seven bits each, so many a number holds exactly. */
const VARINT_BYTES_MAX = 7

/**
 * Reads the mvccpb.KeyValue of a record with nothing made but what is kept. What etcd does not
 * write like that is left to the message's own codec, which then decides.
 */
export class KeyValueReader {
  #from: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0

  /** The value is a view of `from`. Throws a `MalformedMessage`. */
  read(from: Buffer, start: number, end: number): KeyValue {
    this.#from = from
    this.#at = start
    this.#end = end
    return this.#read() ?? KeyValueMessage.decode(from.subarray(start, end))
  }

  /** Undefined: it is unusual. */
  #read(): KeyValue | undefined {
    let key = ''
    let createRevision = 0
    let modRevision = 0
    let version = 0
    let value: Uint8Array = NOTHING
    let lease = 0n
    while (this.#at < this.#end) {
      const tag = this.#from[this.#at++]
      if (tag === LEASE_TAG) {
        const id = this.#lease()
        if (id === undefined) return undefined
        lease = id
        continue
      }
      const number = this.#varint()
      if (number === undefined) return undefined
      if (tag === KEY_TAG) key = this.#from.toString('latin1', this.#at, this.#skip(number))
      else if (tag === CREATE_REVISION_TAG) createRevision = number
      else if (tag === MOD_REVISION_TAG) modRevision = number
      else if (tag === VERSION_TAG) version = number
      else if (tag === VALUE_TAG) value = this.#view(number)
      else return undefined
    }
    if (this.#at > this.#end) return undefined
    return { key, createRevision, modRevision, version, value, lease }
  }

  /** Undefined: too long for a number. */
  #varint(): number | undefined {
    let number = 0
    let factor = 1
    for (let n = 0; n < VARINT_BYTES_MAX; n++) {
      const byte = this.#from[this.#at++] ?? 0
      number += (byte & 0x7f) * factor
      if (byte < 0x80) return number
      factor *= 0x80
    }
    return undefined
  }

  /** All 64 bits, in ten bytes. */
  #lease(): bigint | undefined {
    const parts = [0, 0, 0]
    for (let n = 0; n < 10; n++) {
      const byte = this.#from[this.#at++] ?? 0
      const part = n >> 2
      parts[part] = (parts[part] as number) + (byte & 0x7f) * 0x80 ** (n & 3)
      if (byte >= 0x80) continue
      const [low = 0, middle = 0, high = 0] = parts
      return BigInt.asIntN(64, (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low))
    }
    return undefined
  }

  /** Answers where it ends, which may be past the end: `#read` looks. */
  #skip(length: number): number {
    this.#at += length
    return this.#at
  }

  #view(length: number): Uint8Array {
    const start = this.#at
    const end = this.#skip(length)
    if (end > this.#end) return NOTHING
    return new Uint8Array(this.#from.buffer, this.#from.byteOffset + start, length)
  }
}

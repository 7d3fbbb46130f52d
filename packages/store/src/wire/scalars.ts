import type { Reader } from 'protobufjs'
import type { Key } from '../client/key-range.js'
import type { ValueType } from './field.js'
import type { MessageWriter } from './message-writer.js'

/** The scalar types of the messages: proto3's, as the values that the store works with. */

const TWO_TO_32 = 0x1_0000_0000

/** A 64-bit integer as protobufjs reads it. */
interface Halves {
  readonly low: number
  readonly high: number
}

const halvesOf = (reader: Reader): Halves => reader.uint64() as unknown as Halves

function bigintFromJson(json: unknown): bigint {
  if (typeof json === 'string' && /^-?\d+$/.test(json)) return BigInt(json)
  if (typeof json === 'number' && Number.isInteger(json)) return BigInt(json)
  throw new TypeError(`expected an integer, not ${JSON.stringify(json)}`)
}

/** Ids: all 64 bits count, and nobody reckons with them. */
export const uint64: ValueType<bigint> = {
  wireType: 0,
  empty: 0n,
  isEmpty: (value) => value === 0n,
  read(reader) {
    const { low, high } = halvesOf(reader)
    return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
  },
  write(writer: MessageWriter, value) {
    writer.uint64(value)
  },
  toJson: (value) => String(value),
  fromJson: (json) => BigInt.asUintN(64, bigintFromJson(json)),
}

/** Lease ids. */
export const int64: ValueType<bigint> = {
  ...uint64,
  read(reader) {
    const { low, high } = halvesOf(reader)
    return (BigInt(high | 0) << 32n) | BigInt(low >>> 0)
  },
  fromJson: (json) => BigInt.asIntN(64, bigintFromJson(json)),
}

/**
 * Revisions, counts, indexes, terms and sizes: whole numbers that never reach 2^53. What a client
 * sends beyond it is rounded, and as far from every real revision as before.
 */
export const integer: ValueType<number> = {
  wireType: 0,
  empty: 0,
  isEmpty: (value) => value === 0,
  read(reader) {
    const { low, high } = halvesOf(reader)
    return (high | 0) * TWO_TO_32 + (low >>> 0)
  },
  write(writer: MessageWriter, value) {
    writer.integer(value)
  },
  toJson: (value) => String(value),
  fromJson: (json) => Number(bigintFromJson(json)),
}

export const int32: ValueType<number> = {
  wireType: 0,
  empty: 0,
  isEmpty: (value) => value === 0,
  read: (reader) => reader.int32(),
  write(writer: MessageWriter, value) {
    writer.int32(value)
  },
  toJson: (value) => value,
  fromJson: (json) => Number(bigintFromJson(json)),
}

export const uint32: ValueType<number> = {
  ...int32,
  read: (reader) => reader.uint32(),
  write(writer: MessageWriter, value) {
    writer.uint32(value)
  },
}

export const bool: ValueType<boolean> = {
  wireType: 0,
  empty: false,
  isEmpty: (value) => !value,
  read: (reader) => reader.bool(),
  write(writer: MessageWriter, value) {
    writer.bool(value)
  },
  toJson: (value) => value,
  fromJson(json) {
    if (typeof json !== 'boolean') throw new TypeError('expected true or false')
    return json
  },
}

export const string: ValueType<string> = {
  wireType: 2,
  empty: '',
  isEmpty: (value) => value === '',
  read: (reader) => reader.string(),
  write(writer: MessageWriter, value) {
    writer.utf8(value)
  },
  toJson: (value) => value,
  fromJson(json) {
    if (typeof json !== 'string') throw new TypeError('expected a string')
    return json
  },
}

function bytesFromJson(json: unknown): Buffer {
  if (typeof json !== 'string') throw new TypeError('expected a base64 string')
  const [legal = ''] = /^[A-Za-z0-9+/_-]*={0,2}/.exec(json) ?? []
  if (legal.length < json.length || json.length % 4 !== 0) {
    throw new TypeError(`illegal base64 data at input byte ${legal.length}`)
  }
  return Buffer.from(json, 'base64')
}

const NO_BYTES = new Uint8Array(0)

/** A view of the message's bytes when read: whoever keeps it keeps the message. */
export const bytes: ValueType<Uint8Array> = {
  wireType: 2,
  empty: NO_BYTES,
  isEmpty: (value) => value.length === 0,
  read: (reader) => reader.bytes(),
  write(writer: MessageWriter, value) {
    writer.bytes(value)
  },
  toJson: (value) => Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'),
  fromJson: bytesFromJson,
}

/** `bytes` as a latin1 string: what the store's trees order and compare. */
export const key: ValueType<Key> = {
  wireType: 2,
  empty: '',
  isEmpty: (value) => value === '',
  read(reader) {
    const { buffer, byteOffset, length } = reader.bytes()
    return Buffer.from(buffer, byteOffset, length).toString('latin1')
  },
  write(writer: MessageWriter, value) {
    writer.latin1(value)
  },
  toJson: (value) => Buffer.from(value, 'latin1').toString('base64'),
  fromJson: (json) => bytesFromJson(json).toString('latin1'),
}

/**
 * An enum as words of ours; beside each its number and the name that the .proto and JSON have. A
 * number that is not declared stays itself (as proto3 has it): it reads as `?7`, which no word is,
 * and whoever uses the word refuses it.
 */
export function enumOf<Word extends string>(
  words: Readonly<Record<Word, readonly [number: number, name: string]>>,
): ValueType<Word> {
  const byNumber = new Map<number, Word>()
  const byName = new Map<string, Word>()
  const entries = Object.entries(words) as [Word, readonly [number, string]][]
  for (const [word, [number, name]] of entries) {
    byNumber.set(number, word)
    byName.set(name, word)
  }
  const numberOf = (word: Word): number => words[word]?.[0] ?? Number(word.slice(1))
  const wordOf = (number: number): Word => byNumber.get(number) ?? (`?${number}` as Word)
  return {
    wireType: 0,
    empty: wordOf(0),
    isEmpty: (word) => numberOf(word) === 0,
    read: (reader) => wordOf(reader.int32()),
    write(writer: MessageWriter, word) {
      writer.int32(numberOf(word))
    },
    toJson: (word) => words[word]?.[1] ?? numberOf(word),
    fromJson(json) {
      if (typeof json === 'number') return wordOf(json)
      const word = typeof json === 'string' ? byName.get(json) : undefined
      if (word === undefined) throw new TypeError(`${JSON.stringify(json)} is not one of the enum`)
      return word
    },
  }
}

import type { Reader } from 'protobufjs'
import protobuf from 'protobufjs/minimal.js'
import { type Compiled, compile } from './compile.js'
import type { Field, Fields, ValueType } from './field.js'
import { MessageWriter } from './message-writer.js'

/**
 * Messages as tables: a message is declared once, and its TypeScript type, its binary codec and its
 * JSON names follow from the table. Values have the types that the store works with: keys are
 * latin1 strings, ids are bigints, revisions are numbers, enums are words.
 */

type Optional<F> = {
  [K in keyof F as F[K] extends Field<infer T> ? (undefined extends T ? K : never) : never]: K
}

/** The value that a table describes. Fields that may be absent are optional. */
export type ValueOf<F extends Fields> = {
  -readonly [K in Exclude<keyof F, keyof Optional<F>>]: F[K] extends Field<infer T> ? T : never
} & {
  -readonly [K in keyof Optional<F>]?: F[K] extends Field<infer T> ? T : never
}

/** What may be encoded: every field may be left out, and nothing of it is written to. */
export type InitOf<F extends Fields> = {
  readonly [K in keyof F]?: (F[K] extends Field<infer T> ? Loose<T> : never) | undefined
}

type Loose<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer U)[]
    ? readonly Loose<U>[]
    : T extends object
      ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
      : T

export interface MessageType<T, Init = T> extends ValueType<T> {
  /** As in the .proto, with its package. */
  readonly name: string
  readonly fields: Fields
  encode(value: Init): Uint8Array
  /** Bytes that fields hold are views of `bytes`. Throws a `MalformedMessage`. */
  decode(bytes: Uint8Array): T
}

/** The value of a message type. */
export type Decoded<M> = M extends MessageType<infer T, infer _> ? T : never

/** Bytes that are no message of their type. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

/** Declares a message. */
export function message<F extends Fields>(
  name: string,
  fields: F,
): MessageType<ValueOf<F>, InitOf<F>> {
  return new Message(name, fields) as unknown as MessageType<ValueOf<F>, InitOf<F>>
}

type Value = Record<string, unknown>

/** One for all: encoding a message calls nobody. */
const writer = new MessageWriter()

class Message implements MessageType<Value> {
  readonly wireType = 2
  readonly empty = undefined
  readonly name: string
  readonly fields: Fields
  /** In the order of the table. */
  readonly #names: readonly string[]
  readonly #all: readonly Field<unknown>[]
  #compiled: Compiled | undefined

  constructor(name: string, fields: Fields) {
    this.name = name
    this.fields = fields
    this.#names = Object.keys(fields)
    this.#all = Object.values(fields)
  }

  /** Made when it is needed first: most programs use few of the messages. */
  get #codec(): Compiled {
    this.#compiled ??= compile(this.name, this.fields)
    return this.#compiled
  }

  encode(value: Value): Uint8Array {
    writer.begin()
    this.#codec.write(writer, value)
    return writer.finish()
  }

  decode(bytes: Uint8Array): Value {
    try {
      const reader = protobuf.Reader.create(bytes)
      return this.#codec.read(reader, reader.len)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      throw new MalformedMessage(`not a ${this.name}: ${problem}`)
    }
  }

  isEmpty(): boolean {
    return false
  }

  read(reader: Reader): Value {
    const length = reader.uint32()
    const end = reader.pos + length
    if (end > reader.len) throw new RangeError(`${this.name} runs past the end`)
    return this.#codec.read(reader, end)
  }

  write(within: MessageWriter, value: Value): void {
    within.beginNested()
    this.#codec.write(within, value)
    within.endNested()
  }

  toJson(value: Value): Value {
    const json: Value = {}
    this.#all.forEach((field, i) => {
      const name = this.#names[i] as string
      const content = value[name]
      if (content === undefined) return
      if (field.isRepeated) {
        const list = content as readonly unknown[]
        if (list.length > 0) json[jsonName(field, name)] = list.map((one) => field.type.toJson(one))
      } else if (field.isOptional || !field.type.isEmpty(content)) {
        json[jsonName(field, name)] = field.type.toJson(content)
      }
    })
    return json
  }

  /** What it doesn't know it passes over, as etcd's gateway does: it may be a later version's. */
  fromJson(json: unknown): Value {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new TypeError(`${this.name}: expected an object`)
    }
    const value = this.#codec.read(protobuf.Reader.create(NOTHING), 0)
    const given = json as Value
    this.#all.forEach((field, i) => {
      const name = this.#names[i] as string
      for (const spelling of [jsonName(field, name), camel(jsonName(field, name))]) {
        const content = given[spelling]
        if (content === undefined || content === null) continue
        value[name] = field.isRepeated ? listFromJson(content, field) : field.type.fromJson(content)
      }
    })
    return value
  }
}

const NOTHING = new Uint8Array(0)

function listFromJson(json: unknown, { type }: Field<unknown>): unknown[] {
  if (!Array.isArray(json)) throw new TypeError('expected a list')
  return json.map((item) => type.fromJson(item))
}

/** The name in JSON is the one in the .proto: etcd's gateway answers so, and reads both. */
const jsonName = (field: Field<unknown>, name: string): string => field.protoName ?? snake(name)

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

interface FieldOptions {
  /** The name in the .proto, when it isn't the property's in snake_case. */
  readonly name?: string
}

/** A field that is empty when it is absent. */
export const field = <T>(
  number: number,
  type: ValueType<T>,
  options: FieldOptions = {},
): Field<T> => make(number, type, options, {})

/** A field that may be absent: a message, or a member of a oneof. */
export const optional = <T>(
  number: number,
  type: ValueType<T>,
  options: FieldOptions = {},
): Field<T | undefined> => make(number, type, options, { isOptional: true })

export const repeated = <T>(
  number: number,
  type: ValueType<T>,
  options: FieldOptions = {},
): Field<T[]> => make(number, type, options, { isRepeated: true })

const make = <T>(
  number: number,
  type: ValueType<never> | ValueType<unknown> | object,
  { name }: FieldOptions,
  { isRepeated = false, isOptional = false }: { isRepeated?: boolean; isOptional?: boolean },
): Field<T> => ({
  number,
  type: type as ValueType<unknown>,
  protoName: name,
  isRepeated,
  isOptional,
})

import type { Reader } from 'protobufjs'
import type { MessageWriter } from './message-writer.js'

/** How one value looks in memory, on the wire, and in JSON (the mapping of proto3). */
export interface ValueType<T> {
  readonly wireType: 0 | 1 | 2 | 5
  /** The value of a field that is not on the wire. Undefined: such a field stays undefined. */
  readonly empty: T | undefined
  isEmpty(value: T): boolean
  read(reader: Reader): T
  write(writer: MessageWriter, value: T): void
  toJson(value: T): unknown
  /** Throws a TypeError that says what was expected. */
  fromJson(json: unknown): T
}

export interface Field<T> {
  readonly number: number
  readonly type: ValueType<unknown>
  /** Only when it isn't the property's name in snake_case. */
  readonly protoName: string | undefined
  readonly isRepeated: boolean
  /** Absent is not the same as empty: a message, or a member of a oneof. */
  readonly isOptional: boolean
  /** Never set; carries the type. */
  readonly _value?: T
}

export type Fields = Readonly<Record<string, Field<unknown>>>

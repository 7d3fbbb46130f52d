import type { Reader } from 'protobufjs'
import type { Field, Fields, ValueType } from './field.js'
import type { MessageWriter } from './message-writer.js'

/** The codec of one message. */
export interface Compiled {
  /** Writes the fields, without a length before them. */
  write(writer: MessageWriter, value: object): void
  /** Reads the fields up to `end`. Throws a RangeError for what is no such message. */
  read(reader: Reader, end: number): Record<string, unknown>
}

/**
 * Makes code of a table. Every request goes through it, and a loop over the table costs ten times
 * what straight code does, in which each property is an access of its own. (protobufjs does the same
 * with .proto files.) Names of the table's properties and numbers are all that gets into the text.
 */
export function compile(name: string, fields: Fields): Compiled {
  const entries = Object.entries(fields)
  const types = entries.map(([, { type }]) => type)
  const make = new Function(
    'types',
    'runtime',
    'name',
    [
      ...types.map((_, i) => `const t${i} = types[${i}]`),
      'const { readPacked, wrongWireType, illegalTag, pastEnd, writeList } = runtime',
      'return {',
      '  write(writer, value) {',
      '    let c',
      ...entries.flatMap(([property, field], i) => writeCode(property, field, i)),
      '  },',
      '  read(reader, end) {',
      `    const value = { ${entries.map(emptyCode).join('')} }`,
      '    while (reader.pos < end) {',
      '      const tag = reader.uint32()',
      '      switch (tag >>> 3) {',
      ...entries.flatMap(([property, field], i) => readCode(property, field, i)),
      '        default: {',
      '          if (tag >>> 3 === 0 || (tag & 7) === 4) throw illegalTag(tag)',
      '          reader.skipType(tag & 7)',
      '        }',
      '      }',
      '    }',
      '    if (reader.pos > end) throw pastEnd(name)',
      '    return value',
      '  },',
      '}',
    ].join('\n'),
  ) as (types: readonly ValueType<unknown>[], runtime: object, name: string) => Compiled
  return make(types, runtime, name)
}

type Entry = readonly [property: string, field: Field<unknown>]

/** Absent members of a oneof are not there at all. */
const emptyCode = ([property, field]: Entry, i: number): string => {
  if (field.isRepeated) return `${property}: [], `
  return field.isOptional ? '' : `${property}: t${i}.empty, `
}

function writeCode(property: string, field: Field<unknown>, i: number): string[] {
  const { number, type, isRepeated, isOptional } = field
  const write = `writer.uint32(${(number << 3) | type.wireType}); t${i}.write(writer, c)`
  if (isRepeated) {
    return [
      `    c = value.${property}`,
      `    if (c !== undefined && c.length > 0) writeList(writer, ${number}, t${i}, c)`,
    ]
  }
  const isWritten = isOptional ? 'c !== undefined' : `c !== undefined && !t${i}.isEmpty(c)`
  return [`    c = value.${property}`, `    if (${isWritten}) { ${write} }`]
}

function readCode(property: string, field: Field<unknown>, i: number): string[] {
  const { number, type, isRepeated } = field
  const isRight = `(tag & 7) === ${type.wireType}`
  const wrong = `throw wrongWireType('${property}', tag & 7)`
  if (!isRepeated) {
    return [
      `        case ${number}:`,
      `          if (!(${isRight})) ${wrong}`,
      `          value.${property} = t${i}.read(reader)`,
      '          break',
    ]
  }
  return [
    `        case ${number}:`,
    `          if (${isRight}) value.${property}.push(t${i}.read(reader))`,
    `          else if ((tag & 7) === 2) readPacked(reader, t${i}, value.${property})`,
    `          else ${wrong}`,
    '          break',
  ]
}

/** What the code calls for what is rare. */
const runtime = {
  readPacked(reader: Reader, type: ValueType<unknown>, list: unknown[]): void {
    const end = reader.uint32() + reader.pos
    if (end > reader.len) throw new RangeError('a list runs past the end')
    while (reader.pos < end) list.push(type.read(reader))
  },

  writeList(
    writer: MessageWriter,
    number: number,
    type: ValueType<unknown>,
    list: readonly unknown[],
  ): void {
    if (type.wireType === 2) {
      for (const item of list) {
        writer.uint32((number << 3) | 2)
        type.write(writer, item)
      }
      return
    }
    // Numbers are packed, as proto3 does.
    writer.uint32((number << 3) | 2)
    writer.beginNested()
    for (const item of list) type.write(writer, item)
    writer.endNested()
  },

  wrongWireType: (name: string, wireType: number): RangeError =>
    new RangeError(`wrong wireType ${wireType} for field ${name}`),

  illegalTag: (tag: number): RangeError => new RangeError(`illegal tag ${tag}`),

  pastEnd: (name: string): RangeError => new RangeError(`${name} runs past its end`),
}

/**
 * How a value of the document stands in a message. `json` is of any form, and kept as text;
 * `wrapped` is a string alone in a message, where the format would allow several.
 */
export type Field =
  | {
      readonly at: number
      readonly type: 'string' | 'strings' | 'bool' | 'json' | 'jsons' | 'wrapped'
    }
  | { readonly at: number; readonly type: 'message' | 'messages'; readonly of: MessageName }

export interface Message {
  readonly fields: Readonly<Record<string, Field>>
  /** Where what begins with `x-` goes. */
  readonly extensions?: number
  /** Where all the other names go, as pairs of a name and a message. */
  readonly others?: { readonly at: number; readonly of: MessageName }
  /** A message that only says which of several others follows. */
  readonly choose?: (value: Readonly<Record<string, unknown>>) => {
    readonly at: number
    readonly of: MessageName
  }
}

export type MessageName =
  | 'Document'
  | 'Info'
  | 'Paths'
  | 'PathItem'
  | 'Operation'
  | 'ParametersItem'
  | 'Parameter'
  | 'BodyParameter'
  | 'NonBodyParameter'
  | 'QueryParameter'
  | 'PathParameter'
  | 'Responses'
  | 'ResponseValue'
  | 'Response'
  | 'SchemaItem'
  | 'Schema'
  | 'Definitions'
  | 'AdditionalPropertiesItem'
  | 'ItemsItem'
  | 'Properties'

const text = (at: number): Field => ({ at, type: 'string' })
const texts = (at: number): Field => ({ at, type: 'strings' })
const bool = (at: number): Field => ({ at, type: 'bool' })
const json = (at: number): Field => ({ at, type: 'json' })
const jsons = (at: number): Field => ({ at, type: 'jsons' })
const one = (at: number, of: MessageName): Field => ({ at, type: 'message', of })
const many = (at: number, of: MessageName): Field => ({ at, type: 'messages', of })

/** The messages that a document of ours needs. Source: gnostic's OpenAPIv2.proto. */
export const MESSAGES: Readonly<Record<MessageName, Message>> = {
  Document: {
    fields: {
      swagger: text(1),
      info: one(2, 'Info'),
      paths: one(8, 'Paths'),
      definitions: one(9, 'Definitions'),
    },
    extensions: 16,
  },
  Info: { fields: { title: text(1), version: text(2), description: text(3) }, extensions: 7 },
  Paths: { fields: {}, extensions: 1, others: { at: 2, of: 'PathItem' } },
  PathItem: {
    fields: {
      get: one(2, 'Operation'),
      put: one(3, 'Operation'),
      post: one(4, 'Operation'),
      delete: one(5, 'Operation'),
      patch: one(8, 'Operation'),
      parameters: many(9, 'ParametersItem'),
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: texts(1),
      description: text(3),
      operationId: text(5),
      produces: texts(6),
      consumes: texts(7),
      parameters: many(8, 'ParametersItem'),
      responses: one(9, 'Responses'),
      schemes: texts(10),
    },
    extensions: 13,
  },
  ParametersItem: { fields: {}, choose: () => ({ at: 1, of: 'Parameter' }) },
  Parameter: {
    fields: {},
    choose: (value) =>
      value.in === 'body' ? { at: 1, of: 'BodyParameter' } : { at: 2, of: 'NonBodyParameter' },
  },
  BodyParameter: {
    fields: {
      description: text(1),
      name: text(2),
      in: text(3),
      required: bool(4),
      schema: one(5, 'Schema'),
    },
    extensions: 6,
  },
  NonBodyParameter: {
    fields: {},
    choose: (value) =>
      value.in === 'path' ? { at: 4, of: 'PathParameter' } : { at: 3, of: 'QueryParameter' },
  },
  QueryParameter: {
    fields: {
      required: bool(1),
      in: text(2),
      description: text(3),
      name: text(4),
      type: text(6),
      format: text(7),
      uniqueItems: bool(20),
    },
    extensions: 23,
  },
  PathParameter: {
    fields: {
      required: bool(1),
      in: text(2),
      description: text(3),
      name: text(4),
      type: text(5),
      format: text(6),
      uniqueItems: bool(19),
    },
    extensions: 22,
  },
  Responses: { fields: {}, extensions: 2, others: { at: 1, of: 'ResponseValue' } },
  ResponseValue: { fields: {}, choose: () => ({ at: 1, of: 'Response' }) },
  Response: { fields: { description: text(1), schema: one(2, 'SchemaItem') }, extensions: 5 },
  SchemaItem: { fields: {}, choose: () => ({ at: 1, of: 'Schema' }) },
  Definitions: { fields: {}, others: { at: 1, of: 'Schema' } },
  Schema: {
    fields: {
      $ref: text(1),
      format: text(2),
      title: text(3),
      description: text(4),
      default: json(5),
      pattern: text(13),
      uniqueItems: bool(16),
      required: texts(19),
      enum: jsons(20),
      additionalProperties: one(21, 'AdditionalPropertiesItem'),
      type: { at: 22, type: 'wrapped' },
      items: one(23, 'ItemsItem'),
      allOf: many(24, 'Schema'),
      properties: one(25, 'Properties'),
    },
    extensions: 31,
  },
  AdditionalPropertiesItem: { fields: {}, choose: () => ({ at: 1, of: 'Schema' }) },
  ItemsItem: { fields: {}, choose: () => ({ at: 1, of: 'Schema' }) },
  Properties: { fields: {}, others: { at: 1, of: 'Schema' } },
}

import {
  bool,
  isReference,
  jsons,
  type Message,
  referring,
  scalar,
  text,
  texts,
} from './gnostic-message.js'

type Name =
  | 'Document'
  | 'Info'
  | 'Paths'
  | 'PathItem'
  | 'Operation'
  | 'ParameterOrReference'
  | 'Parameter'
  | 'RequestBodyOrReference'
  | 'RequestBody'
  | 'MediaTypes'
  | 'MediaType'
  | 'Responses'
  | 'ResponseOrReference'
  | 'Response'
  | 'Components'
  | 'Schemas'
  | 'SchemaOrReference'
  | 'Schema'
  | 'ItemsItem'
  | 'AdditionalPropertiesItem'
  | 'Reference'
  | 'SecuritySchemes'
  | 'SecuritySchemeOrReference'
  | 'SecurityScheme'

const { one, many, pairs, either } = referring<Name>(() => MESSAGES_V3)
const always = () => true

/** The messages that a document of ours needs. Source: gnostic's OpenAPIv3.proto. */
export const MESSAGES_V3: Readonly<Record<Name, Message>> = {
  Document: {
    fields: {
      openapi: text(1),
      info: one(2, 'Info'),
      paths: one(4, 'Paths'),
      components: one(5, 'Components'),
    },
    extensions: 9,
  },
  Info: { fields: { title: text(1), description: text(2), version: text(6) }, extensions: 7 },
  Paths: { ...pairs(1, 'PathItem'), extensions: 2 },
  PathItem: {
    fields: {
      get: one(4, 'Operation'),
      put: one(5, 'Operation'),
      post: one(6, 'Operation'),
      delete: one(7, 'Operation'),
      options: one(8, 'Operation'),
      head: one(9, 'Operation'),
      patch: one(10, 'Operation'),
      parameters: many(13, 'ParameterOrReference'),
    },
    extensions: 14,
  },
  Operation: {
    fields: {
      tags: texts(1),
      description: text(3),
      operationId: text(5),
      parameters: many(6, 'ParameterOrReference'),
      requestBody: one(7, 'RequestBodyOrReference'),
      responses: one(8, 'Responses'),
    },
    extensions: 13,
  },
  ParameterOrReference: either(isReference, [2, 'Reference'], [1, 'Parameter']),
  Parameter: {
    fields: {
      name: text(1),
      in: text(2),
      description: text(3),
      required: bool(4),
      schema: one(10, 'SchemaOrReference'),
    },
    extensions: 14,
  },
  RequestBodyOrReference: either(isReference, [2, 'Reference'], [1, 'RequestBody']),
  RequestBody: {
    fields: { description: text(1), content: one(2, 'MediaTypes'), required: bool(3) },
    extensions: 4,
  },
  MediaTypes: pairs(1, 'MediaType'),
  MediaType: { fields: { schema: one(1, 'SchemaOrReference') }, extensions: 5 },
  Responses: { ...pairs(2, 'ResponseOrReference'), extensions: 3 },
  ResponseOrReference: either(isReference, [2, 'Reference'], [1, 'Response']),
  Response: { fields: { description: text(1), content: one(3, 'MediaTypes') }, extensions: 5 },
  Components: {
    fields: { schemas: one(1, 'Schemas'), securitySchemes: one(7, 'SecuritySchemes') },
    extensions: 10,
  },
  Schemas: pairs(1, 'SchemaOrReference'),
  SchemaOrReference: either(isReference, [2, 'Reference'], [1, 'Schema']),
  Schema: {
    fields: {
      title: text(9),
      pattern: text(16),
      uniqueItems: bool(20),
      required: texts(23),
      enum: jsons(24),
      type: text(25),
      allOf: many(26, 'SchemaOrReference'),
      oneOf: many(27, 'SchemaOrReference'),
      anyOf: many(28, 'SchemaOrReference'),
      items: one(30, 'ItemsItem'),
      properties: one(31, 'Schemas'),
      additionalProperties: one(32, 'AdditionalPropertiesItem'),
      default: scalar(33),
      description: text(34),
      format: text(35),
    },
    extensions: 36,
  },
  ItemsItem: either(always, [1, 'SchemaOrReference'], [1, 'SchemaOrReference']),
  AdditionalPropertiesItem: either(always, [1, 'SchemaOrReference'], [1, 'SchemaOrReference']),
  Reference: { fields: { $ref: text(1) } },
  SecuritySchemes: pairs(1, 'SecuritySchemeOrReference'),
  SecuritySchemeOrReference: either(isReference, [2, 'Reference'], [1, 'SecurityScheme']),
  SecurityScheme: {
    fields: { type: text(1), description: text(2), name: text(3), in: text(4) },
    extensions: 9,
  },
}

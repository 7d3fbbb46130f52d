import {
  bool,
  isReference,
  json,
  jsons,
  type Message,
  referring,
  text,
  texts,
  wrapped,
} from './gnostic-message.js'

type Name =
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
  | 'ParameterDefinitions'
  | 'AdditionalPropertiesItem'
  | 'ItemsItem'
  | 'Properties'
  | 'Reference'
  | 'SecurityRequirement'
  | 'StringArray'
  | 'SecurityDefinitions'
  | 'SecurityDefinitionsItem'
  | 'ApiKeySecurity'

const { one, many, pairs, either } = referring<Name>(() => MESSAGES_V2)
const always = () => true

/** The messages that a document of ours needs. Source: gnostic's OpenAPIv2.proto. */
export const MESSAGES_V2: Readonly<Record<Name, Message>> = {
  Document: {
    fields: {
      swagger: text(1),
      info: one(2, 'Info'),
      paths: one(8, 'Paths'),
      definitions: one(9, 'Definitions'),
      parameters: one(10, 'ParameterDefinitions'),
      security: many(12, 'SecurityRequirement'),
      securityDefinitions: one(13, 'SecurityDefinitions'),
    },
    extensions: 16,
  },
  Info: { fields: { title: text(1), version: text(2), description: text(3) }, extensions: 7 },
  Paths: { ...pairs(2, 'PathItem'), extensions: 1 },
  PathItem: {
    fields: {
      get: one(2, 'Operation'),
      put: one(3, 'Operation'),
      post: one(4, 'Operation'),
      delete: one(5, 'Operation'),
      options: one(6, 'Operation'),
      head: one(7, 'Operation'),
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
  ParametersItem: either(isReference, [2, 'Reference'], [1, 'Parameter']),
  Parameter: either(({ in: at }) => at === 'body', [1, 'BodyParameter'], [2, 'NonBodyParameter']),
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
  NonBodyParameter: either(
    ({ in: at }) => at === 'path',
    [4, 'PathParameter'],
    [3, 'QueryParameter'],
  ),
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
  Reference: { fields: { $ref: text(1) } },
  Responses: { ...pairs(1, 'ResponseValue'), extensions: 2 },
  ResponseValue: either(always, [1, 'Response'], [1, 'Response']),
  Response: { fields: { description: text(1), schema: one(2, 'SchemaItem') }, extensions: 5 },
  SchemaItem: either(always, [1, 'Schema'], [1, 'Schema']),
  Definitions: pairs(1, 'Schema'),
  ParameterDefinitions: pairs(1, 'Parameter'),
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
      type: wrapped(22),
      items: one(23, 'ItemsItem'),
      allOf: many(24, 'Schema'),
      properties: one(25, 'Properties'),
    },
    extensions: 31,
  },
  AdditionalPropertiesItem: either(always, [1, 'Schema'], [1, 'Schema']),
  ItemsItem: either(always, [1, 'Schema'], [1, 'Schema']),
  Properties: pairs(1, 'Schema'),
  SecurityRequirement: pairs(1, 'StringArray'),
  StringArray: { fields: {} },
  SecurityDefinitions: pairs(1, 'SecurityDefinitionsItem'),
  SecurityDefinitionsItem: either(always, [2, 'ApiKeySecurity'], [2, 'ApiKeySecurity']),
  ApiKeySecurity: {
    fields: { type: text(1), name: text(2), in: text(3), description: text(4) },
    extensions: 5,
  },
}

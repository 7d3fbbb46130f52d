import {
  type FieldSchema,
  namedSchema,
  type ResourceDefinition,
  type StructSchema,
} from '@miniplane/api'

const field = (name: string, schema: FieldSchema['schema'], required: boolean): FieldSchema => ({
  name,
  schema,
  tag: 0,
  required,
  always: true,
  pointer: false,
  patchStrategies: [],
  wireAlways: false,
})

/** The list kind of a resource: its metadata and its items. */
export function listStruct({ listKind, schema }: ResourceDefinition): StructSchema {
  const prefix = schema.name.slice(0, schema.name.lastIndexOf('.'))
  return {
    type: 'struct',
    name: `${prefix}.${listKind}`,
    fields: new Map([
      ['metadata', field('metadata', namedSchema('meta.v1.ListMeta'), false)],
      ['items', field('items', { type: 'list', items: schema }, true)],
    ]),
    typeMeta: true,
    atomic: false,
    unions: [],
    wireInline: [],
  }
}

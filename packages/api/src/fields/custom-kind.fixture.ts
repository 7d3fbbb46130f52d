import type { FieldSchema, Schema, StructSchema } from '../schema/schema.js'

/** A kind such as a custom resource has: every way in which lists and maps merge. */
export const custom = struct('Custom', {
  any: { type: 'scalar', scalar: 'json' },
  set: [{ type: 'list', items: { type: 'scalar', scalar: 'string' } }, { listType: 'set' }],
  keyed: [
    {
      type: 'list',
      items: struct('Item', {
        name: { type: 'scalar', scalar: 'string' },
        zone: [{ type: 'scalar', scalar: 'string' }, { default: 'any' }],
        size: { type: 'scalar', scalar: 'int32' },
      }),
    },
    { listType: 'map', listMapKeys: ['name', 'zone'] },
  ],
  bare: { type: 'list', items: { type: 'scalar', scalar: 'string' } },
  atomic: [{ type: 'map', values: { type: 'scalar', scalar: 'string' } }, { mapType: 'atomic' }],
  structs: { type: 'map', values: struct('Entry', { a: { type: 'scalar', scalar: 'string' } }) },
})

function struct(
  name: string,
  fields: Record<string, Schema | [Schema, Partial<FieldSchema>]>,
): StructSchema {
  const field = ([name, given]: [string, Schema | [Schema, Partial<FieldSchema>]]) => {
    const [schema, more] = Array.isArray(given) ? given : [given, {}]
    const none = { required: false, always: false, pointer: false, wireAlways: false }
    return [name, { name, schema, tag: 0, patchStrategies: [], ...none, ...more }] as const
  }
  const inner = new Map(Object.entries(fields).map(field))
  const flags = { typeMeta: false, atomic: false, unions: [], wireInline: [] }
  return { type: 'struct', name: `test.v1.${name}`, fields: inner, ...flags }
}

import type { ResourceInfo } from '../resolve/discovery.js'
import type { ApiSchema, SchemaSet } from './schema.js'
import { wrapText } from './wrap.js'

const TEXT_WIDTH = 76

/** `GROUP`, `KIND` and `VERSION`, and an empty line. */
export function headerText({ group, kind, version }: ResourceInfo): string {
  const lines = [...(group === '' ? [] : [`GROUP:      ${group}`]), `KIND:       ${kind}`]
  return `${[...lines, `VERSION:    ${version}`].join('\n')}\n\n`
}

/** The field that was asked for: its type and its enum. Empty for the kind itself. */
export function fieldText(set: SchemaSet, name: string | undefined, schema: ApiSchema): string {
  if (name === undefined) return ''
  const values = enumOf(set, schema)
  const list =
    values.length === 0 ? '\n' : `ENUM:\n${values.map((value) => `    ${value}\n`).join('')}`
  return `FIELD: ${name} <${set.typeName(schema)}>\n${list}\n`
}

const enumOf = (set: SchemaSet, schema: ApiSchema): readonly string[] =>
  schema.enum ?? set.referenced(schema)?.enum ?? schema.items?.enum ?? []

export function descriptionText(set: SchemaSet, schema: ApiSchema): string {
  const texts = set.descriptions(schema)
  if (texts.length === 0) return 'DESCRIPTION:\n    <empty>\n'
  return `DESCRIPTION:\n${texts.map((text) => indented(text, '    ')).join('')}    \n`
}

const indented = (text: string, indent: string): string =>
  wrapText(text, TEXT_WIDTH)
    .map((line) => `${indent}${line}\n`)
    .join('')

/** Every field with its words. */
export function fieldsText(set: SchemaSet, schema: ApiSchema): string {
  const { properties, required = [] } = set.structure(schema)
  if (!properties) return ''
  const blocks = sorted(properties).map(([name, field]) => {
    const texts = set.descriptions(field).slice(0, 1)
    const own = field.description ?? texts[0]
    const words = own ? indented(own, '    ') : '    <no description>\n'
    return `${fieldLine(set, name, field, required, '  ')}${words}\n`
  })
  return `FIELDS:\n${blocks.join('')}`
}

/** Every field and the fields below it, without words. */
export function recursiveText(set: SchemaSet, schema: ApiSchema): string {
  const lines = recursiveLines(set, schema, '  ', new Set())
  return lines === '' ? '' : `FIELDS:\n${lines}`
}

function recursiveLines(
  set: SchemaSet,
  schema: ApiSchema,
  indent: string,
  open: ReadonlySet<ApiSchema>,
): string {
  const structure = set.structure(schema)
  const { properties, required = [] } = structure
  if (!properties || open.has(structure)) return ''
  const below = new Set([...open, structure])
  return sorted(properties)
    .map(([name, field]) => {
      const line = fieldLine(set, name, field, required, indent)
      return line + recursiveLines(set, field, `${indent}  `, below)
    })
    .join('')
}

/** Of the values of a field in a list of fields. */
const ENUM_SHOWN = 4

function fieldLine(
  set: SchemaSet,
  name: string,
  field: ApiSchema,
  required: readonly string[],
  indent: string,
): string {
  const values = enumOf(set, field)
  const mark = required.includes(name) ? ' -required-' : ''
  const shown =
    values.slice(0, ENUM_SHOWN).join(', ') + (values.length > ENUM_SHOWN ? ', ....' : '')
  const list = values.length === 0 ? '' : `${indent}enum: ${shown}\n`
  return `${indent}${name}\t<${set.typeName(field)}>${mark}\n${list}`
}

const sorted = (properties: Readonly<Record<string, ApiSchema>>): [string, ApiSchema][] =>
  Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))

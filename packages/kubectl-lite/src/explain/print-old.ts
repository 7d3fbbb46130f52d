import type { ResourceInfo } from '../resolve/discovery.js'
import type { ApiSchema, SchemaSet } from './schema.js'
import { wrapText } from './wrap.js'

const TEXT_WIDTH = 75

/** The layout that kubectl had before OpenAPI v3, which `-o plaintext-openapiv2` still asks for. */
export function oldText(
  set: SchemaSet,
  { group, kind, version }: ResourceInfo,
  name: string | undefined,
  schema: ApiSchema,
): string {
  const { properties = {}, required = [] } = set.structure(schema)
  const names = Object.keys(properties).sort()
  const gv = group === '' ? version : `${group}/${version}`
  let text = `KIND:     ${kind}\nVERSION:  ${gv}\n\n`
  if (name !== undefined) {
    const label = names.length > 0 ? 'RESOURCE' : 'FIELD'
    text += `${`${label}:`.padEnd(10)}${name} <${set.typeName(schema)}>\n\n`
  }
  text += `DESCRIPTION:\n${words(set, schema)}`
  if (names.length === 0) return text
  const fields = names.map((field) => {
    const of = properties[field] as ApiSchema
    const mark = required.includes(field) ? ' -required-' : ''
    return `   ${field}\t<${set.typeName(of)}>${mark}\n${words(set, of)}\n`
  })
  return `${text}\nFIELDS:\n${fields.join('')}`
}

function words(set: SchemaSet, schema: ApiSchema): string {
  const [text = '<empty>'] = set.descriptions(schema)
  return wrapText(text, TEXT_WIDTH)
    .map((line) => `     ${line}\n`)
    .join('')
}

import { encodeJsonText, type KubeObject, type ManagedFieldsEntry } from '@miniplane/api'

// What a tree of fields looks like never changes, and the objects of one template share theirs.
const fieldsTexts = new WeakMap<object, string>()

/**
 * An object's JSON, as `encodeJsonText` has it for objects whose metadata end with their managed
 * fields. The trees of those are as long as all the rest, and are printed once for all objects that
 * share them.
 */
export function objectText(object: KubeObject): string {
  let text = ''
  for (const name in object) {
    const value = object[name as keyof KubeObject] as unknown
    if (value === undefined) continue
    const shown = name === 'metadata' ? metadataText(object.metadata) : encodeJsonText(value)
    text += `${text === '' ? '{' : ','}${encodeJsonText(name)}:${shown}`
  }
  return `${text}}`
}

function metadataText(metadata: KubeObject['metadata']): string {
  const { managedFields } = metadata
  if (!managedFields) return encodeJsonText(metadata)
  const others = encodeJsonText({ ...metadata, managedFields: undefined })
  const comma = others === '{}' ? '' : ','
  const list = managedFields.map(entryText).join(',')
  return `${others.slice(0, -1)}${comma}"managedFields":[${list}]}`
}

function entryText(entry: ManagedFieldsEntry): string {
  const { fieldsV1, subresource } = entry
  if (!fieldsV1) return encodeJsonText(entry)
  const others = encodeJsonText({ ...entry, fieldsV1: undefined, subresource: undefined })
  const end = subresource === undefined ? '' : `,"subresource":${encodeJsonText(subresource)}`
  return `${others.slice(0, -1)},"fieldsV1":${fieldsText(fieldsV1)}${end}}`
}

function fieldsText(fields: object): string {
  let text = fieldsTexts.get(fields)
  if (text === undefined) {
    text = encodeJsonText(fields)
    fieldsTexts.set(fields, text)
  }
  return text
}

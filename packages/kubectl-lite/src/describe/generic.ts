import type { KubeObject } from '@miniplane/api'
import { showValue, sortedEntries } from '../printers/go-value.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { writeAnnotations, writeLabels } from './text.js'
import type { DescribeWriter } from './writer.js'

const SHOWN_ABOVE = [
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]

/** Kinds without a describer of their own: every field, under a title made from its name. */
export async function describeGeneric(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  writer.field('Name', object.metadata.name)
  writer.field('Namespace', object.metadata.namespace ?? '')
  writeLabels(writer, 'Labels', object.metadata.labels)
  writeAnnotations(writer, 'Annotations', object.metadata.annotations)
  writeFields(writer, object, 0, '')
  await writeEvents(object, context)
}

function writeFields(writer: DescribeWriter, value: object, level: number, path: string): void {
  for (const [name, part] of sortedEntries(value)) {
    const at = `${path}.${name}`
    if (SHOWN_ABOVE.includes(at)) continue
    if (typeof part !== 'object' || part === null) {
      writer.field(titleOf(name), showValue(part), level)
      continue
    }
    writer.line(level, `${titleOf(name)}:`)
    if (!Array.isArray(part)) writeFields(writer, part, level + 1, at)
    else for (const item of part) writeItem(writer, item, level + 1, at)
  }
}

function writeItem(writer: DescribeWriter, item: unknown, level: number, path: string): void {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item)
  if (isObject) writeFields(writer, item, level, path)
  else writer.line(level, showValue(item))
}

const ACRONYMS = ['API', 'URL', 'UID', 'GUID']

/** `resourceVersion` → `Resource Version`, `apiVersion` → `API Version` */
export function titleOf(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field
  const parts = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|-+/gu) ?? [field]
  return withPlurals(parts)
    .map((part) => {
      const upper = part.toUpperCase()
      return ACRONYMS.includes(upper) ? upper : upper.slice(0, 1) + part.slice(1)
    })
    .join(' ')
}

/** `URLs` was split into `UR` and `Ls`. */
function withPlurals(parts: readonly string[]): string[] {
  const merged: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const [part = '', next = ''] = [parts[i], parts[i + 1]]
    const isHead = /^\p{Lu}{2,}$/u.test(part) && /^\p{Lu}/u.test(next)
    merged.push(isHead ? part + next : part)
    if (isHead) i++
  }
  return merged
}

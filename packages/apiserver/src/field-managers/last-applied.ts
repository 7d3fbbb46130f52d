import {
  compareFields,
  encodeJsonText,
  type FieldSet,
  type KubeObject,
  ownedFields,
  type StructSchema,
  TypedValueError,
} from '@miniplane/api'

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'
/** All annotations of an object together, as validation demands. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024

/**
 * The fields that kubectl's client-side apply set last and that nobody changed since: whoever
 * updates through the annotation may come to own them by server-side apply without a conflict.
 * Undefined when there is no such annotation, or none that can be read.
 */
export function allowedByLastApplied(
  live: KubeObject,
  apiVersion: string,
  schema: StructSchema,
): FieldSet | undefined {
  const text = live.metadata.annotations?.[ANNOTATION]
  if (!text) return undefined
  const applied = parsed(text)
  if (applied?.apiVersion !== apiVersion) return undefined
  try {
    const { modified, added, removed } = compareFields(applied, live, schema)
    return ownedFields(applied, schema).difference(modified).difference(added).difference(removed)
  } catch (error) {
    if (error instanceof TypedValueError) return undefined
    throw error
  }
}

function parsed(text: string): KubeObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as KubeObject) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * The object with the annotation that client-side apply would leave, if it has one: so that kubectl
 * can go back. Returns the object itself when the annotation says that already.
 */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const { annotations } = object.metadata
  if (!annotations?.[ANNOTATION]) return object
  const text = configurationText(config)
  if (annotations[ANNOTATION] === text) return object
  const changed: Record<string, string> = { ...annotations, [ANNOTATION]: text }
  // Too large to be kept: then the way back is lost, and nothing else.
  if (bytesOf(changed) > ANNOTATIONS_BYTES_MAX) delete changed[ANNOTATION]
  return { ...object, metadata: { ...object.metadata, annotations: changed } }
}

function configurationText(config: KubeObject): string {
  const { [ANNOTATION]: _, ...annotations } = config.metadata.annotations ?? {}
  const { annotations: given, ...metadata } = config.metadata
  const bare = { ...config, metadata: given ? { ...metadata, annotations } : metadata }
  return `${encodeJsonText(sorted(bare))}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

const bytesOf = (annotations: Readonly<Record<string, string>>) =>
  Object.entries(annotations).reduce(
    (sum, [key, text]) => sum + Buffer.byteLength(key) + Buffer.byteLength(text),
    0,
  )

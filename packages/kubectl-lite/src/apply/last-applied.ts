import { type KubeObject, stringifyJson } from '@miniplane/api'
import { compactJson, escapeHtml } from '../printers/object-text.js'

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The object as the annotation keeps it: itself without that annotation, and a newline. */
export function lastAppliedText(object: KubeObject, keepAnnotations = true): string {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {}
  const { annotations: __, ...metadata } = object.metadata
  const kept = keepAnnotations || Object.keys(annotations).length > 0
  return `${compactJson({ ...object, metadata: { ...metadata, ...(kept ? { annotations } : {}) } })}\n`
}

/** As `withLastApplied`, for an object that kubectl made itself: its fields keep their order. */
export function withGenerated(object: KubeObject): KubeObject {
  const annotations = {
    ...object.metadata.annotations,
    [LAST_APPLIED]: `${escapeHtml(stringifyJson(object))}\n`,
  }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** The object with what was applied written into its annotation. */
export function withLastApplied(object: KubeObject): KubeObject {
  const text = lastAppliedText(object)
  const annotations = { ...object.metadata.annotations, [LAST_APPLIED]: text }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

export const lastAppliedOf = (object: KubeObject): string | undefined =>
  object.metadata.annotations?.[LAST_APPLIED]

/** The object without the annotation, its annotations written even when there are none left. */
export function withoutLastApplied(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {}
  return { ...object, metadata: { ...object.metadata, annotations } }
}

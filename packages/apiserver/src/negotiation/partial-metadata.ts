import type { KubeObject, ObjectMeta } from '@miniplane/api'
import { type Encodable, formOf, ObjectForm } from '../storage/shared-object.js'

/** Nothing but an object's metadata, as `PartialObjectMetadata` of meta.k8s.io in this version. */
export const partialMetadata = (value: Encodable, version: string): ObjectForm =>
  formOf(
    value,
    `metadata/${version}`,
    (object) => new ObjectForm(metadataObject(object, version), true),
  )

/** A field of the internal version that only the versioned form has as an annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

function metadataOf({ kind, metadata }: KubeObject): ObjectMeta {
  if (kind !== 'DaemonSet' || !metadata.annotations) return metadata
  const { [TEMPLATE_GENERATION]: _generation, ...others } = metadata.annotations
  const { annotations: _annotations, ...rest } = metadata
  return Object.keys(others).length > 0 ? { ...metadata, annotations: others } : rest
}

export const metadataObject = (object: KubeObject, version: string): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: metadataOf(object),
})

import type { KubeObject, ObjectMeta } from '@miniplane/api'
import { type Encodable, formOf, ObjectForm } from '../storage/shared-object.js'

/** Nothing but an object's metadata, as `PartialObjectMetadata` of meta.k8s.io in this version. */
export const partialMetadata = (value: Encodable, version: string): ObjectForm =>
  formOf(
    value,
    `metadata/${version}`,
    ({ metadata }) => new ObjectForm(metadataObject(metadata, version), true),
  )

export const metadataObject = (metadata: ObjectMeta, version: string): KubeObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
})

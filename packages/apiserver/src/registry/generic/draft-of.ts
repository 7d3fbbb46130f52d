import { deepCopy, type KubeObject } from '@miniplane/api'

/** A copy to change and write. It shares the managed fields, which nobody changes in place. */
export function draftOf(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata
  const draft: KubeObject = deepCopy({ ...object, metadata })
  if (managedFields) draft.metadata.managedFields = managedFields
  return draft
}

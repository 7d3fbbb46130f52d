import { type KubeObject, semanticEqual } from '@miniplane/api'

/** Counts one more desired state when `desired` of the draft is not that of what is stored. */
export function followGeneration<T extends KubeObject>(
  draft: T,
  stored: T,
  desired: (object: T) => unknown = (object) => object.spec,
): void {
  const before = stored.metadata.generation ?? 0
  draft.metadata.generation = semanticEqual(desired(draft), desired(stored)) ? before : before + 1
}

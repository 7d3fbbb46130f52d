import { decodedEqual, type KubeObject } from '@miniplane/api'

/** Counts one more desired state when `desired` of the draft is not that of what is stored. */
export function followGeneration<T extends KubeObject>(
  draft: T,
  stored: T,
  desired: (object: T) => unknown = (object) => object.spec,
): void {
  const { generation } = stored.metadata
  if (!decodedEqual(desired(draft), desired(stored)))
    draft.metadata.generation = (generation ?? 0) + 1
  // One that has none yet, as a CSIDriver's creation leaves it, gets none by being written again.
  else if (generation === undefined) delete draft.metadata.generation
  else draft.metadata.generation = generation
}

import type { KubeObject } from '@miniplane/api'
import { followGeneration } from './generation.js'
import type { Strategy } from './strategy.js'

/**
 * The life of a kind whose spec somebody carries out: the generation counts its specs, and the
 * status is written through its subresource alone.
 */
export function desiredState<T extends KubeObject>(
  desired: (object: T) => unknown = (object) => object.spec,
): Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate'> {
  return {
    prepareForCreate(draft) {
      draft.metadata.generation = 1
    },
    prepareForUpdate(draft, stored) {
      followGeneration(draft, stored, desired)
    },
  }
}

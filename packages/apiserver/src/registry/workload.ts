import type { KubeObject, PodTemplateSpec } from '@miniplane/api'
import { dropDisabledFields } from './core/disabled-fields.js'
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

/** The same for a kind that makes Pods from a template. */
export function templatedState<T extends KubeObject>(
  templateOf: (object: T) => PodTemplateSpec | undefined,
  desired?: (object: T) => unknown,
): Required<Pick<Strategy<T>, 'prepareForCreate' | 'prepareForUpdate'>> {
  return {
    prepareForCreate(draft) {
      draft.metadata.generation = 1
      dropDisabledFields(templateOf(draft)?.spec)
    },
    prepareForUpdate(draft, stored) {
      dropDisabledFields(templateOf(draft)?.spec)
      followGeneration(draft, stored, desired)
    },
  }
}

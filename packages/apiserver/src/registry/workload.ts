import type { KubeObject, PodTemplateSpec } from '@miniplane/api'
import { dropDisabledFields } from './core/disabled-fields.js'
import { followGeneration } from './generation.js'
import type { Strategy } from './strategy.js'
import { podNameWarnings } from './validation/pod-warnings.js'

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

/** What is to be said of a spec is said when it comes and when it changes, not of every update. */
export function specWarnings<T extends KubeObject>(
  warningsOf: (object: T) => string[],
): Required<Pick<Strategy<T>, 'warningsOnCreate' | 'warningsOnUpdate'>> {
  return {
    warningsOnCreate: warningsOf,
    warningsOnUpdate: (draft, stored) =>
      draft.metadata.generation === stored.metadata.generation ? [] : warningsOf(draft),
  }
}

/** The same for a kind whose name becomes part of its Pods' names. */
export function specAndNameWarnings<T extends KubeObject>(
  warningsOf: (object: T) => string[],
): Required<Pick<Strategy<T>, 'warningsOnCreate' | 'warningsOnUpdate'>> {
  return {
    ...specWarnings(warningsOf),
    warningsOnCreate: (object) => [...podNameWarnings(object.metadata), ...warningsOf(object)],
  }
}

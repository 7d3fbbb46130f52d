import { conflict, FieldPath, invalid, invalidValue, type KubeObject } from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import type { StoredObject } from '../../storage/stored-object.js'
import type { Resource } from '../resource.js'

export const OPTIMISTIC_LOCK_MESSAGE =
  'the object has been modified; please apply your changes to the latest version and try again'

const UINT64_MAX = 2n ** 64n - 1n

/** A resourceVersion as a number; empty is 0. Throws with the text of Go's parser. */
export function parseResourceVersion(text: string): number {
  if (text === '') return 0
  if (!/^\d+$/.test(text)) throw parseError(text, 'invalid syntax')
  if (BigInt(text) > UINT64_MAX) throw parseError(text, 'value out of range')
  return Number(text)
}

const parseError = (text: string, problem: string) =>
  new ResourceVersionError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}`)

export class ResourceVersionError extends Error {
  override readonly name = 'ResourceVersionError'
}

/**
 * Compares the draft's resourceVersion with what is stored and sets it to that. Throws 409 when
 * they differ, 422 where an update needs one and has none, 500 for what is no number.
 */
export function resolveResourceVersion(
  { definition, strategy }: Resource,
  draft: KubeObject,
  stored: StoredObject,
  name: string,
): void {
  const wanted = readVersion(draft.metadata.resourceVersion ?? '')
  if (wanted === 0) {
    if (strategy.allowUnconditionalUpdate === false) {
      const path = FieldPath.of('metadata', 'resourceVersion')
      throw invalid({ group: definition.group, kind: definition.resource }, name, [
        invalidValue(path, 0, 'must be specified for an update'),
      ])
    }
  } else if (wanted !== stored.revision) throw conflict(definition, name, OPTIMISTIC_LOCK_MESSAGE)
  draft.metadata.resourceVersion = String(stored.revision)
}

/** The same, for the server's answers: throws 500. */
export function readVersion(text: string): number {
  try {
    return parseResourceVersion(text)
  } catch (error) {
    if (!(error instanceof ResourceVersionError)) throw error
    throw plainServerError(error.message)
  }
}

import { badRequest, JsonSyntaxError, parseJson, requestEntityTooLarge } from '@miniplane/api'
import type { RequestContext } from '../pipeline/stage.js'

/** The forms of a patch that say what changes. */
export type MergeType = 'json' | 'merge' | 'strategic'

const LIST_TYPE = '[]handlers.jsonPatchOp'
const MAP_TYPE = 'map[string]interface {}'

/** The patch in a request's body. Throws 400, and 413 for more operations than may be. */
export function readPatch(
  { request }: RequestContext,
  type: MergeType,
  operationsMax: number,
): unknown {
  const { body } = request
  const patch =
    body === undefined || body instanceof Uint8Array ? parsePatch(body, type) : body.object
  const isList = Array.isArray(patch)
  if (type === 'json') {
    if (!isList) throw cannotUnmarshal(patch, LIST_TYPE, type)
    if (patch.length > operationsMax)
      throw requestEntityTooLarge(
        `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`,
      )
    return patch
  }
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (isList || typeof patch !== 'object') throw cannotUnmarshal(patch, MAP_TYPE, type)
  return patch
}

function parsePatch(bytes: Uint8Array | undefined, type: MergeType): unknown {
  try {
    return parseJson(bytes ?? new Uint8Array()).value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw undecodable(error.message, type)
  }
}

function cannotUnmarshal(value: unknown, goType: string, type: MergeType): Error {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return undecodable(`json: cannot unmarshal ${kind} into Go value of type ${goType}`, type)
}

/** A strategic patch is read by code of its own, which says no more than the reason. */
const undecodable = (problem: string, type: MergeType) =>
  badRequest(type === 'strategic' ? problem : `error decoding patch: ${problem}`)

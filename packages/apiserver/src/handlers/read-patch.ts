import {
  badRequest,
  JsonSyntaxError,
  type PatchOperation,
  parseJson,
  requestEntityTooLarge,
} from '@miniplane/api'
import type { FieldValidation } from '../negotiation/decode-object.js'
import type { RequestContext } from '../pipeline/stage.js'

/** The forms of a patch that say what changes. */
export type MergeType = 'json' | 'merge' | 'strategic'

/** A patch as it came, and what strict decoding finds in it itself. */
export interface ReadPatch {
  readonly patch: unknown
  /** Fields that stand twice, and members of operations that mean nothing. */
  readonly complaints: readonly string[]
}

const MAP_TYPE = 'map[string]interface {}'

/** The patch in a request's body. Throws 400, and 413 for more operations than may be. */
export function readPatch(
  { request }: RequestContext,
  type: MergeType,
  validation: FieldValidation,
  operationsMax: number,
): ReadPatch {
  const { body } = request
  const isStrict = validation !== 'Ignore'
  const { value: patch, duplicates } =
    body === undefined || body instanceof Uint8Array
      ? parsePatch(body, type, isStrict)
      : { value: body.object, duplicates: [] }
  const complaints = duplicates.map((path) => `duplicate field "${path}"`)
  if (type !== 'json') {
    // To a strategic patch, none is one without fields.
    if (patch === null && type === 'strategic') return { patch: {}, complaints }
    if (patch === null) throw badRequest('Invalid JSON Patch')
    if (Array.isArray(patch) || typeof patch !== 'object')
      throw cannotUnmarshal(patch, `value of type ${MAP_TYPE}`, type)
    return { patch, complaints }
  }
  const operations = patch === null ? [] : patch
  const listType = isStrict ? '[]handlers.jsonPatchOp' : 'jsonpatch.Patch'
  if (!Array.isArray(operations)) throw cannotUnmarshal(patch, `value of type ${listType}`, type)
  const unknown = operations.flatMap((one, index) =>
    isStrict ? checkOperation(one, index) : checkAnyOperation(one),
  )
  if (operations.length > operationsMax)
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${operations.length}`,
    )
  return {
    patch: operations,
    complaints: [...unknown, ...complaints].map((one) => `json patch ${one}`),
  }
}

const TEXTS = ['op', 'path', 'from']

/** What is unknown in an operation; its texts must be texts. Throws 400. */
function checkOperation(operation: unknown, index: number): string[] {
  if (operation === null) return []
  if (typeof operation !== 'object' || Array.isArray(operation))
    throw cannotUnmarshal(operation, 'value of type handlers.jsonPatchOp', 'json')
  for (const [name, value] of Object.entries(operation)) {
    if (!TEXTS.includes(name) || value === null || typeof value === 'string') continue
    throw cannotUnmarshal(value, `struct field jsonPatchOp.${name} of type string`, 'json')
  }
  return Object.keys(operation)
    .filter((name) => !TEXTS.includes(name) && name !== 'value')
    .map((name) => `unknown field "[${index}].${name}"`)
}

function checkAnyOperation(operation: unknown): string[] {
  if (operation !== null && (typeof operation !== 'object' || Array.isArray(operation)))
    throw badRequest(
      `json: cannot unmarshal ${jsonTypeOf(operation)} into Go value of type jsonpatch.Operation`,
    )
  return []
}

function parsePatch(bytes: Uint8Array | undefined, type: MergeType, findDuplicates: boolean) {
  try {
    return parseJson(bytes ?? new Uint8Array(), { findDuplicates })
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw undecodable(error.message, type)
  }
}

const jsonTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const cannotUnmarshal = (value: unknown, target: string, type: MergeType): Error =>
  undecodable(`json: cannot unmarshal ${jsonTypeOf(value)} into Go ${target}`, type)

/** A strategic patch is read by code of its own, which says no more than the reason. */
const undecodable = (problem: string, type: MergeType) =>
  badRequest(type === 'strategic' ? problem : `error decoding patch: ${problem}`)

/** Only operations that can be carried out: whether they can is found out one after the other. */
export const isOperation = (one: unknown): one is PatchOperation =>
  typeof one === 'object' && one !== null

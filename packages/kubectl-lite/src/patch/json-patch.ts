import { applyJsonPatch, JsonPatchError, type PatchOperation } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'

const FAULTS: Readonly<Record<string, (path: string) => string>> = {
  add: (path) => `add operation does not apply: doc is missing path: "${path}": missing value`,
  remove: (path) => `Unable to remove nonexistent key: ${path.split('/').at(-1)}: missing value`,
  replace: (path) =>
    `replace operation does not apply: doc is missing path: ${path}: missing value`,
  test: (path) => `testing value ${path} failed: test failed`,
}

/** The document with the operations applied, or what kubectl's library has against one of them. */
export function patchedByOperations(
  document: unknown,
  operations: readonly PatchOperation[],
): unknown {
  return operations.reduce<unknown>((current, operation) => {
    try {
      return applyJsonPatch(current, [operation])
    } catch (error) {
      if (!(error instanceof JsonPatchError)) throw error
      const [op, path] = [String(operation.op), String(operation.path)]
      const reason = FAULTS[op]?.(path) ?? error.message
      throw new CommandError(`error in ${op} for path: '${path}': ${reason}`, { cause: error })
    }
  }, document)
}

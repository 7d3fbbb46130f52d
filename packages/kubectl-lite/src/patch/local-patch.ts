import {
  applyJsonMergePatch,
  applyStrategicMergePatch,
  type KubeObject,
  PatchError,
  type PatchOperation,
} from '@miniplane/api'
import { mergeSchemaOf } from '../apply/schemas.js'
import { CommandError } from '../errors/errors.js'
import type { Info } from '../resolve/info.js'
import type { PatchKind } from '../write/write.js'
import { patchedByOperations } from './json-patch.js'

/** What the object would be with the patch, found out without a server. */
export function patchedLocally({ object, resource }: Info, patch: unknown, type: PatchKind) {
  try {
    return patched(object, patch, type) as KubeObject
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    throw new CommandError(error.message, { cause: error })
  }

  function patched(target: KubeObject, body: unknown, kind: PatchKind): unknown {
    if (kind === 'json') return patchedByOperations(target, body as PatchOperation[])
    if (kind === 'merge') return applyJsonMergePatch(target, body)
    const schema = mergeSchemaOf(resource)
    if (schema) return applyStrategicMergePatch({ ...target }, body as never, schema)
    throw new CommandError(
      `${resource.kind} is not known to kubectl: use --type=merge or --type=json`,
    )
  }
}

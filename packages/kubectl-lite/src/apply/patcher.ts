import {
  createThreeWayJsonMergePatch,
  createThreeWayMergePatch,
  type KubeObject,
  parseJson,
  type StructSchema,
  sleep,
} from '@miniplane/api'
import { isConflict } from '../errors/status.js'
import { limits } from '../limits.js'
import { compactJson } from '../printers/object-text.js'
import type { Info } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'
import { sendPatch, type WriteOptions } from '../write/write.js'
import { lastAppliedOf } from './last-applied.js'

export interface Patched {
  /** The patch as text; `{}` when nothing was to be changed. */
  readonly patch: string
  readonly object: KubeObject
}

/** What `apply` sends: what the manifest changed since it was applied last, and nothing else. */
export function applyPatch(
  current: KubeObject,
  modified: KubeObject,
  schema: StructSchema | undefined,
): unknown {
  const original = readLastApplied(current)
  return schema
    ? createThreeWayMergePatch(original, modified, current, schema)
    : createThreeWayJsonMergePatch(original, modified, current)
}

function readLastApplied(current: KubeObject): Record<string, unknown> {
  const text = lastAppliedOf(current)
  if (text === undefined) return {}
  return parseJson(new TextEncoder().encode(text)).value as Record<string, unknown>
}

/** Brings the object to what the manifest says; a write that met a conflict is tried anew. */
export async function patchObject(
  session: Session,
  info: Info,
  modified: KubeObject,
  schema: StructSchema | undefined,
  options: WriteOptions,
): Promise<Patched> {
  let current = info.object
  for (let tries = 1; ; tries++) {
    const body = applyPatch(current, modified, schema)
    const patch = compactJson(body)
    if (patch === '{}') return { patch, object: current }
    try {
      const type = schema ? 'strategic' : 'merge'
      return { patch, object: await sendPatch(session, info, body, { ...options, type }) }
    } catch (error) {
      if (!isConflict(error) || tries > limits.conflictRetriesMax)
        throw new PatchFailed(patch, error)
      await sleep(session.clock, limits.conflictRetryMs, session.signal)
      const path = resourcePath(info.resource, info.namespace, info.name)
      current = await session.rest.object({ method: 'GET', path })
    }
  }
}

/** The server refused this patch. */
export class PatchFailed extends Error {
  constructor(
    readonly patch: string,
    readonly reason: unknown,
  ) {
    super('patch refused', { cause: reason })
  }
}

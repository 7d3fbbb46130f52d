import type { KubeObject } from '@miniplane/api'
import type { DryRun } from '../commands/dry-run.js'
import type { Info } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'

export const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

export type PatchKind = keyof typeof PATCH_TYPES

export interface WriteOptions {
  readonly dryRun: DryRun
  readonly fieldManager?: string
  readonly fieldValidation?: string
  readonly subresource?: string
}

const queryOf = ({ dryRun, fieldManager, fieldValidation }: WriteOptions) => ({
  dryRun: dryRun === 'server' ? 'All' : undefined,
  fieldManager: fieldManager || undefined,
  fieldValidation,
})

type Place = Pick<Info, 'resource' | 'namespace' | 'name'>

export function sendPatch(
  session: Session,
  { resource, namespace, name }: Place,
  body: unknown,
  options: WriteOptions & { readonly type: PatchKind },
): Promise<KubeObject> {
  return session.rest.object({
    method: 'PATCH',
    path: resourcePath(resource, namespace, name, options.subresource),
    query: queryOf(options),
    body,
    contentType: PATCH_TYPES[options.type],
  })
}

export function sendCreate(
  session: Session,
  { resource, namespace }: Pick<Info, 'resource' | 'namespace'>,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  return session.rest.object({
    method: 'POST',
    path: resourcePath(resource, namespace),
    query: queryOf(options),
    body: object,
  })
}

export function sendReplace(
  session: Session,
  { resource, namespace, name }: Place,
  object: KubeObject,
  options: WriteOptions,
): Promise<KubeObject> {
  return session.rest.object({
    method: 'PUT',
    path: resourcePath(resource, namespace, name, options.subresource),
    query: queryOf(options),
    body: object,
  })
}

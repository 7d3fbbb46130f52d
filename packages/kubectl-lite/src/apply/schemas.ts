import { builtinResources, type StructSchema } from '@miniplane/api'
import type { ResourceInfo } from '../resolve/discovery.js'

/**
 * The schema by which a kind's lists are merged; undefined for kinds that are not built in, which
 * are merged as plain JSON.
 */
export function mergeSchemaOf({ group, version, kind }: ResourceInfo): StructSchema | undefined {
  return builtinResources().find(
    (one) => one.group === group && one.version === version && one.kind === kind,
  )?.schema
}

import type { KubeObject, ManagedFieldsEntry, ManagedSet } from '@miniplane/api'
import { FieldSet } from '@miniplane/api'
import type { FieldShapes } from './field-shapes.js'
import { type Managed, NOBODY, readManaged, writeManaged } from './managed.js'

const SCALE = 'autoscaling/v1'
/** Every kind that can be scaled keeps its replicas where a Scale has them. */
const REPLICAS = [
  { kind: 'field', name: 'spec' },
  { kind: 'field', name: 'replicas' },
] as const
const JUST_REPLICAS = FieldSet.fromPaths([REPLICAS])

/** The managers of an object that own its replicas, as managers of its Scale. */
export function scaleManagers(
  { metadata }: KubeObject,
  shapes: FieldShapes,
): ManagedFieldsEntry[] | undefined {
  const managed = readManaged(metadata.managedFields, shapes)
  const sets = new Map<string, ManagedSet>()
  for (const [identifier, { isApplied, fields }] of managed.sets)
    if (fields.has(REPLICAS))
      sets.set(identifier, { apiVersion: SCALE, isApplied, fields: JUST_REPLICAS })
  return writeManaged({ ...NOBODY, sets, times: managed.times }, shapes)
}

/**
 * The managers of the object after its Scale was written: who lost the replicas there loses them
 * here. As in the real server, an entry of the Scale has no time.
 */
export function parentManagers(
  { metadata, apiVersion = '' }: KubeObject,
  ofScale: ManagedFieldsEntry[] | undefined,
  shapes: FieldShapes,
): ManagedFieldsEntry[] | undefined {
  const parent = readManaged(metadata.managedFields, shapes)
  const scale: Managed = readManaged(ofScale, shapes)
  const sets = new Map<string, ManagedSet>()
  for (const [identifier, set] of parent.sets) {
    const isKept = scale.sets.has(identifier) || !set.fields.has(REPLICAS)
    const fields = isKept ? set.fields : set.fields.difference(JUST_REPLICAS)
    if (!fields.isEmpty) sets.set(identifier, isKept ? set : { ...set, fields })
  }
  for (const [identifier, { isApplied, fields }] of scale.sets)
    if (!parent.sets.has(identifier) && fields.has(REPLICAS))
      sets.set(identifier, { apiVersion, isApplied, fields: JUST_REPLICAS })
  return writeManaged({ ...parent, sets }, shapes)
}

import { findSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'

/**
 * The schema of an object with this type, as an envelope tells it; undefined for a kind without a
 * message (a Table, anything custom). Errors and discovery are `Status`, `APIGroup` … in whatever
 * version they travel.
 */
export function messageSchema(apiVersion: string, kind: string): StructSchema | undefined {
  if (apiVersion.startsWith('meta.k8s.io/')) return findSchema(`meta.v1.${kind}`)
  if (apiVersion.includes('/')) return findSchema(`${apiVersion.replace('/', '.')}.${kind}`)
  return findSchema(`core.${apiVersion}.${kind}`) ?? findSchema(`meta.v1.${kind}`)
}

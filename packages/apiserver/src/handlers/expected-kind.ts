import { namedSchema } from '@miniplane/api'
import type { ExpectedKind } from '../negotiation/decode-object.js'
import type { Scope } from './scope.js'

/** What travels in a request of this scope: the kind itself, or that of the subresource. */
export function expectedKind({ definition, subresource }: Scope): ExpectedKind {
  if (!subresource || subresource.kind === definition.kind) return definition
  const { group, version, kind } = subresource
  const prefix = group === '' ? 'core' : group
  const schema = namedSchema(`${prefix}.${version}.${kind}`)
  // Those who evict have long done it in a version that is served no more.
  return { group, version, kind, schema, ...(kind === 'Eviction' && { formerVersion: 'v1beta1' }) }
}

import { type FieldError, invalid, type KubeObject, type ResourceDefinition } from '@miniplane/api'
import type { Resource } from '../resource.js'
import type { Strategy, SubresourceStrategy } from '../strategy.js'
import { dnsSubdomainName, type NameRule, pathSegmentName } from '../validation/names.js'
import type { WriteContext } from '../write-context.js'
import { changedMetadataErrors, newMetadataErrors } from './metadata-rules.js'

/** Throws 422 with every error, if there is any. */
export function refuseIfInvalid(
  definition: ResourceDefinition,
  name: string,
  errors: readonly FieldError[],
): void {
  if (errors.length === 0) return
  throw invalid(spokenKind(definition), name, errors)
}

/** Both APIs of events speak of the stored kind, whose group is the core one. */
export const spokenKind = ({
  group,
  kind,
}: ResourceDefinition): { readonly group: string; readonly kind: string } =>
  kind === 'Event' ? { group: '', kind } : { group, kind }

/** Groups whose names only have to fit into a URL: roles, and API services with an empty group. */
const PATH_SEGMENT_GROUPS = new Set(['rbac.authorization.k8s.io', 'apiregistration.k8s.io'])

const usualNameRule = ({ group }: ResourceDefinition): NameRule =>
  PATH_SEGMENT_GROUPS.has(group) ? pathSegmentName : dnsSubdomainName

const nameRuleOf = (strategy: Strategy, definition: ResourceDefinition): NameRule =>
  strategy.validateName?.bind(strategy) ?? usualNameRule(definition)

/** What is wrong with a new object: its metadata first, then what its kind says. */
export function checkNew(
  { strategy, definition }: Resource,
  draft: KubeObject,
  context: WriteContext,
): FieldError[] {
  const errors = newMetadataErrors(definition, draft, nameRuleOf(strategy, definition))
  const own = strategy.validate?.(draft, context)
  return own && own.length > 0 ? [...errors, ...own] : errors
}

/** What is wrong with the new form of an object: its metadata first, then what its kind says. */
export function checkChanged(
  { strategy, definition }: Resource,
  draft: KubeObject,
  stored: KubeObject,
  context: WriteContext,
  subresource: SubresourceStrategy | undefined,
): FieldError[] {
  const isSubresource = subresource !== undefined
  const errors = changedMetadataErrors(
    definition,
    draft,
    stored,
    isSubresource,
    nameRuleOf(strategy, definition),
  )
  const validateUpdate = subresource
    ? subresource.validateUpdate
    : strategy.validateUpdate?.bind(strategy)
  const own = validateUpdate?.(draft, stored, context)
  return own && own.length > 0 ? [...errors, ...own] : errors
}

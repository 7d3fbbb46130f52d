import { apiVersionOf, type OwnerReference, semanticEqual } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import type { AdmissionDependencies } from '../dependencies.js'
import { refuse } from './request-kinds.js'

/** Owners decide when an object is deleted, so whoever names them must have a right to delete it. */
export function ownerReferencesPermissionEnforcement(
  given: AdmissionDependencies,
): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    handles: (operation, _definition, subresource) =>
      subresource !== 'status' && (operation === 'CREATE' || operation === 'UPDATE'),
    validate(request) {
      const before = request.oldObject?.metadata.ownerReferences ?? []
      const after = request.object?.metadata.ownerReferences ?? []
      if (semanticEqual(after, before)) return
      if (!mayDelete(request, given)) {
        throw refuse(request, "cannot set an ownerRef on a resource you can't delete: ")
      }
      for (const owner of newlyBlocking(after, before)) {
        if (mayFinalize(owner, request, given)) continue
        throw refuse(
          request,
          "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ",
        )
      }
    },
  }
}

/** References that hold their owner back and did not before. */
const newlyBlocking = (after: readonly OwnerReference[], before: readonly OwnerReference[]) =>
  after.filter(
    ({ uid, blockOwnerDeletion }) =>
      blockOwnerDeletion &&
      !before.some((old) => old.uid === uid && old.blockOwnerDeletion === true),
  )

const ALLOWED = 'allow'

function mayDelete(
  { context, definition, name, namespace = '' }: AdmissionRequest,
  { authorizer }: AdmissionDependencies,
): boolean {
  const { group, resource } = definition
  const access = { isResource: true, verb: 'delete', path: '', group, namespace, resource }
  const verdict = authorizer.authorize(context.user, { ...access, subresource: '', name })
  return verdict.decision === ALLOWED
}

function mayFinalize(
  { apiVersion, kind, name }: OwnerReference,
  { context, namespace = '' }: AdmissionRequest,
  { authorizer, catalog }: AdmissionDependencies,
): boolean {
  const owner = catalog.all().find((one) => apiVersionOf(one) === apiVersion && one.kind === kind)
  // Who can't be found can't be held back either.
  if (!owner) return true
  const verdict = authorizer.authorize(context.user, {
    isResource: true,
    verb: 'update',
    path: '',
    group: owner.group,
    namespace: owner.namespaced ? namespace : '',
    resource: owner.resource,
    subresource: 'finalizers',
    name,
  })
  return verdict.decision === ALLOWED
}

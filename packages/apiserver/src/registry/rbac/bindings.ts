import {
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Subdomain,
  isEqual,
  type RoleBinding,
  required,
  type Subject,
} from '@miniplane/api'
import { bindingTable, clusterBindingTable } from '../columns/cluster.js'
import { defineStrategy, type Strategy, type TableColumns } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { pathSegmentName } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'

const GROUP = 'rbac.authorization.k8s.io'
const ROLE_REF = FieldPath.of('roleRef')
const roleRefStruct = { APIGroup: '', Kind: '', Name: '' } as const

/** Bindings of both scopes are alike but for the roles they may name. */
function bindings(
  roleKinds: readonly string[],
  namespaced: boolean,
  table: TableColumns<RoleBinding>,
): Strategy<RoleBinding> {
  const validate = (binding: RoleBinding) => validateBinding(binding, roleKinds, namespaced)
  return defineStrategy<RoleBinding>({
    setDefaults({ roleRef, subjects }) {
      if (roleRef) roleRef.apiGroup ||= GROUP
      for (const subject of subjects ?? []) {
        if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP
      }
    },
    validateName: pathSegmentName,
    validate,
    validateUpdate(draft, stored) {
      const errors = validate(draft)
      if (!isEqual(draft.roleRef, stored.roleRef)) {
        const form = goForm(draft.roleRef, roleRefStruct)
        errors.push(invalidValue(ROLE_REF, form, 'cannot change roleRef'))
      }
      return errors
    },
    allowCreateOnUpdate: true,
    table,
  })
}

export const roleBindings = bindings(['Role', 'ClusterRole'], true, bindingTable)
export const clusterRoleBindings = bindings(['ClusterRole'], false, clusterBindingTable)

function validateBinding(
  { roleRef, subjects }: RoleBinding,
  roleKinds: readonly string[],
  namespaced: boolean,
): FieldError[] {
  const errors: FieldError[] = []
  const { apiGroup = GROUP, kind = '', name = '' } = roleRef ?? {}
  oneOf(apiGroup || GROUP, [GROUP], ROLE_REF.child('apiGroup'), errors)
  oneOf(kind, roleKinds, ROLE_REF.child('kind'), errors)
  if (!name) errors.push(required(ROLE_REF.child('name'), ''))
  else {
    for (const fault of pathSegmentName(name, false)) {
      errors.push(invalidValue(ROLE_REF.child('name'), name, fault))
    }
  }
  for (const [i, subject] of (subjects ?? []).entries()) {
    validateSubject(subject, namespaced, FieldPath.of('subjects').index(i), errors)
  }
  return errors
}

function validateSubject(
  { kind, name, apiGroup = '', namespace }: Subject,
  namespaced: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path.child('name'), ''))
  switch (kind) {
    case 'ServiceAccount':
      for (const fault of name ? isDns1123Subdomain(name) : []) {
        errors.push(invalidValue(path.child('name'), name, fault))
      }
      if (apiGroup) oneOf(apiGroup, [''], path.child('apiGroup'), errors)
      // In a namespace, the binding's own is meant.
      if (!namespaced && !namespace) errors.push(required(path.child('namespace'), ''))
      return
    case 'User':
    case 'Group':
      oneOf(apiGroup, [GROUP], path.child('apiGroup'), errors)
      return
    default:
      oneOf(kind, ['ServiceAccount', 'User', 'Group'], path.child('kind'), errors)
  }
}

import {
  badRequest,
  type ClusterRole,
  forbidden,
  isEqual,
  type KubeObject,
  notFound,
  type Role,
  type RoleBinding,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../../admission/admission.js'
import type { Authorization } from '../../authz/authorization.js'
import type { Authorizer } from '../../authz/authorizer.js'
import { isPrivileged } from '../../authz/modes.js'
import { escalationText, FULL_AUTHORITY } from '../../authz/rbac/escalation.js'
import { RbacAuthorizer } from '../../authz/rbac/rbac-authorizer.js'
import type { Rule } from '../../authz/rbac/rules.js'
import { plainServerError } from '../../plain-server-error.js'

const GROUP = 'rbac.authorization.k8s.io'

/**
 * Lets nobody write a role with rights that he does not have himself, or give such a role to
 * somebody, except who has the verbs `escalate` and `bind`. It stands behind the changing admission
 * plugins, but is none that can be switched off. Source: RBAC's reference, "Privilege escalation
 * prevention and bootstrapping".
 */
export function escalationGuard(
  { grants }: Authorization,
  authorizer: Authorizer,
): AdmissionPlugin {
  const held = new RbacAuthorizer(grants)
  const confirm = (request: AdmissionRequest, wanted: readonly Rule[], text?: string) => {
    const { definition, name, namespace = '', context } = request
    const found = escalationText(context.user, held.rulesFor(context.user, namespace), wanted)
    if (found !== undefined) throw forbidden(definition, name, text ?? found)
  }
  return {
    name: 'EscalationGuard',
    handles: (operation, { group }, subresource) =>
      group === GROUP && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
    admit(request) {
      const { object, oldObject, context } = request
      if (!object || isPrivileged(context.user)) return
      if (oldObject && onlyMovesOwners(object, oldObject)) return
      if (isBinding(object)) {
        if (mayBind(authorizer, object, request)) return
        confirm(request, rulesToBind(grants, object, request))
        return
      }
      if (mayEscalate(authorizer, request)) return
      confirm(request, (object as Role).rules ?? [])
      if (aggregates(object) || aggregates(oldObject))
        confirm(
          request,
          FULL_AUTHORITY,
          'must have cluster-admin privileges to use the aggregationRule',
        )
    },
  }
}

const isBinding = (object: KubeObject): object is RoleBinding & KubeObject =>
  object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding'

const aggregates = (object: KubeObject | undefined): boolean =>
  (object as ClusterRole | undefined)?.aggregationRule !== undefined

function mayEscalate(
  authorizer: Authorizer,
  { definition: { resource }, operation, name, namespace = '', context }: AdmissionRequest,
): boolean {
  // Something new has no name yet as far as rights are concerned.
  const own = operation === 'UPDATE' ? name : ''
  return isAllowed(authorizer, context.user, 'escalate', resource, own, namespace)
}

function mayBind(
  authorizer: Authorizer,
  { roleRef }: RoleBinding,
  { namespace = '', context }: AdmissionRequest,
): boolean {
  const resource = RESOURCES[roleRef?.kind]
  return (
    resource !== undefined &&
    isAllowed(authorizer, context.user, 'bind', resource, roleRef.name, namespace)
  )
}

const RESOURCES: Readonly<Record<string, string>> = { Role: 'roles', ClusterRole: 'clusterroles' }

function isAllowed(
  authorizer: Authorizer,
  user: AdmissionRequest['context']['user'],
  verb: string,
  resource: string,
  name: string,
  namespace: string,
): boolean {
  const access = { isResource: true, path: '', group: GROUP, subresource: '' }
  const { decision } = authorizer.authorize(user, { ...access, verb, resource, name, namespace })
  return decision === 'allow'
}

function rulesToBind(
  grants: Authorization['grants'],
  { roleRef }: RoleBinding,
  { definition, namespace = '' }: AdmissionRequest,
): readonly Rule[] {
  const { kind, name } = roleRef ?? { kind: '', name: '' }
  if (kind !== 'Role' && kind !== 'ClusterRole')
    throw plainServerError(`unsupported role reference kind: ${JSON.stringify(kind)}`)
  if (kind === 'Role' && namespace === '') throw badRequest('Namespace parameter required.')
  if (!name) throw badRequest('Name parameter required.')
  const rules = grants.rulesOf(kind, namespace, name)
  if (!rules) throw notFound(definition, name)
  return rules
}

/** The garbage collector takes owners and finalizers away; that gives no rights to anybody. */
function onlyMovesOwners(draft: KubeObject, stored: KubeObject): boolean {
  return isEqual(withoutOwners(draft), withoutOwners(stored))
}

function withoutOwners({ metadata, ...rest }: KubeObject): object {
  const { labels = {}, annotations = {} } = metadata
  return { ...rest, labels, annotations }
}

import type { UserInfo } from '../pipeline/stage.js'
import type { AccessAttributes, Authorizer, Verdict } from './authorizer.js'

const ALLOW: Verdict = { decision: 'allow' }
const DENY: Verdict = { decision: 'deny' }

const ADMINS = 'system:masters'
/** The plane's own components; with RBAC their roles will say what each may do. */
const COMPONENT_USERS = new Set([
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-scheduler',
  'system:kube-proxy',
])
const COMPONENT_GROUPS = new Set(['system:nodes', 'system:serviceaccounts:kube-system'])

/** Open to everybody: whether the server lives, and which version it is. */
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)\/?$/
/** Open to everybody who is known: what the server serves. */
const DISCOVERY_PATHS = /^\/($|api($|\/)|apis($|\/)|openapi($|\/)|version\/?$|healthz|livez|readyz)/
/** Questions that everybody who is known may ask about himself. */
const SELF_REVIEWS = new Set([
  'selfsubjectreviews',
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
])

/**
 * Admins and the plane's components may do everything, others what the default roles give to
 * everybody: discovery, health, and questions about themselves. The place where RBAC will stand.
 */
export const componentAuthorizer: Authorizer = {
  authorize(user, access) {
    if (isTrusted(user)) return ALLOW
    const isKnown = user.groups.includes('system:authenticated')
    if (access.isResource)
      return isKnown && access.verb === 'create' && SELF_REVIEWS.has(access.resource) ? ALLOW : DENY
    return mayRead(access, isKnown) ? ALLOW : DENY
  },

  mayImpersonate: (user) => isTrusted(user),
}

const isTrusted = ({ name, groups }: UserInfo): boolean =>
  groups.includes(ADMINS) ||
  COMPONENT_USERS.has(name) ||
  groups.some((group) => COMPONENT_GROUPS.has(group))

function mayRead({ path, verb }: AccessAttributes, isKnown: boolean): boolean {
  if (verb !== 'get') return false
  return PUBLIC_PATHS.test(path) || (isKnown && DISCOVERY_PATHS.test(path))
}

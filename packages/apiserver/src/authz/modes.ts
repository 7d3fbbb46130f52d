import type { UserInfo } from '../pipeline/stage.js'
import { ABSTAIN, ALLOW, type Authorizer, NO_RULES, type UserRules } from './authorizer.js'

/** Who decides, in this order, after the group that may do everything. */
export type AuthorizationMode = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny'

export const AUTHORIZATION_MODES: readonly AuthorizationMode[] = [
  'Node',
  'RBAC',
  'AlwaysAllow',
  'AlwaysDeny',
]

/** May do everything, whatever the modes and the roles say. */
export const PRIVILEGED_GROUP = 'system:masters'

export const isPrivileged = ({ groups }: UserInfo): boolean => groups.includes(PRIVILEGED_GROUP)

/** Has no rules of its own to list: those of the role `cluster-admin` are listed for the group. */
export const privilegedGroup: Authorizer = {
  authorize: (user) => (isPrivileged(user) ? ALLOW : ABSTAIN),
  rulesFor: () => NO_RULES,
}

const ANY = ['*']
const EVERYTHING: UserRules = {
  resourceRules: [{ verbs: ANY, apiGroups: ANY, resources: ANY, resourceNames: [] }],
  nonResourceRules: [{ verbs: ANY, nonResourceURLs: ANY }],
  incomplete: false,
  errors: [],
}

export const alwaysAllow: Authorizer = {
  authorize: () => ALLOW,
  rulesFor: () => EVERYTHING,
}

export const alwaysDeny: Authorizer = {
  authorize: () => ({ decision: 'abstain', reason: 'Everything is forbidden.' }),
  rulesFor: () => NO_RULES,
}

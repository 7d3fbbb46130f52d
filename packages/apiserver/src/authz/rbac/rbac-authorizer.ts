import { aggregate, goQuote } from '@miniplane/api'
import type { UserInfo } from '../../pipeline/stage.js'
import {
  ABSTAIN,
  type AccessAttributes,
  type Authorizer,
  combinedResource,
  type NonResourceRule,
  type ResourceRule,
  type UserRules,
  type Verdict,
} from '../authorizer.js'
import type { Grant, Grants, RoleSlot } from './grants.js'
import { type Rule, rulesAllow } from './rules.js'

/**
 * Allows what the roles of the user and of his groups allow; never refuses, since rights only add
 * up. A binding to a role that is not there gives nothing, and is named when the answer is no.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #grants: Grants

  constructor(grants: Grants) {
    this.#grants = grants
  }

  authorize(user: UserInfo, access: AccessAttributes): Verdict {
    const resource = access.isResource ? combinedResource(access) : ''
    let missing: string[] | undefined
    const allows = ({ role }: Grant): boolean => {
      if (role.rules) return rulesAllow(role.rules, access, resource)
      missing ??= []
      missing.push(missingText(role))
      return false
    }
    const { namespace } = access
    const grant =
      this.#grants.find(user, '', allows) ??
      (namespace ? this.#grants.find(user, namespace, allows) : undefined)
    if (grant) return grant.allowed
    return missing ? { decision: 'abstain', reason: `RBAC: ${aggregate(missing)}` } : ABSTAIN
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const grants = [
      ...inOrder(this.#grants.of(user, '')),
      ...(namespace ? inOrder(this.#grants.of(user, namespace)) : []),
    ]
    const roles = grants.map(({ role }) => role)
    const rules = roles.flatMap(({ rules }) => rules ?? [])
    return {
      resourceRules: rules.filter((rule) => rule.resources?.length).map(resourceRule),
      nonResourceRules: rules.filter((rule) => rule.nonResourceURLs?.length).map(nonResourceRule),
      incomplete: false,
      errors: roles.filter(({ rules }) => !rules).map(missingText),
    }
  }
}

const missingText = ({ kind, name }: RoleSlot): string =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io ${goQuote(name)} not found`

/** One of each binding, by name: he may be meant as a user and as a member of groups. */
function inOrder(grants: Iterable<Grant>): Grant[] {
  const byBinding = new Map([...grants].map((grant) => [grant.binding, grant]))
  return [...byBinding.values()].sort((a, b) => (a.binding < b.binding ? -1 : 1))
}

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: Rule): ResourceRule => ({
  verbs: verbs ?? [],
  apiGroups: apiGroups ?? [],
  resources: resources ?? [],
  resourceNames: resourceNames ?? [],
})

const nonResourceRule = ({ verbs, nonResourceURLs }: Rule): NonResourceRule => ({
  verbs: verbs ?? [],
  nonResourceURLs: nonResourceURLs ?? [],
})

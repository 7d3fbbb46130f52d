import type { FlowSchema } from '@miniplane/api'
import type { RequestInfo } from '../pipeline/request-info.js'
import type { UserInfo } from '../pipeline/stage.js'

type PolicyRule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number]
type Subject = PolicyRule['subjects'][number]
type ResourceRule = NonNullable<PolicyRule['resourceRules']>[number]
type NonResourceRule = NonNullable<PolicyRule['nonResourceRules']>[number]

/** A rule of a FlowSchema, ready to be asked. */
export interface FlowRule {
  matchesUser(user: UserInfo): boolean
  matchesRequest(info: RequestInfo): boolean
}

export const compileRules = (rules: readonly PolicyRule[]): readonly FlowRule[] =>
  rules.map(({ subjects, resourceRules, nonResourceRules }) => {
    const resources = (resourceRules ?? []).map(resourceMatcher)
    const paths = (nonResourceRules ?? []).map(pathMatcher)
    return {
      matchesUser: (user) => subjects.some((subject) => isSubject(subject, user)),
      matchesRequest: (info) =>
        (info.isResource ? resources : paths).some((matches) => matches(info)),
    }
  })

function isSubject({ kind, user, group, serviceAccount }: Subject, who: UserInfo): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && (user.name === '*' || user.name === who.name)
    case 'Group':
      return group !== undefined && (group.name === '*' || who.groups.includes(group.name))
    case 'ServiceAccount': {
      if (!serviceAccount) return false
      const prefix = `system:serviceaccount:${serviceAccount.namespace}:`
      return serviceAccount.name === '*'
        ? who.name.startsWith(prefix)
        : who.name === prefix + serviceAccount.name
    }
    default:
      return false
  }
}

type Matcher = (info: RequestInfo) => boolean

/** One of the values, or any: a star stands alone. */
function oneOf(values: readonly string[] | null | undefined): (value: string) => boolean {
  if (values?.length === 1 && values[0] === '*') return () => true
  const known = new Set(values)
  return (value) => known.has(value)
}

function resourceMatcher(rule: ResourceRule): Matcher {
  const [isVerb, isGroup] = [oneOf(rule.verbs), oneOf(rule.apiGroups)]
  const [isResource, isNamespace] = [oneOf(rule.resources), oneOf(rule.namespaces)]
  const { clusterScope = false } = rule
  return ({ verb, group, resource, subresource, namespace }) =>
    isVerb(verb) &&
    isGroup(group) &&
    isResource(subresource === '' ? resource : `${resource}/${subresource}`) &&
    (namespace === '' ? clusterScope : isNamespace(namespace))
}

function pathMatcher({ verbs, nonResourceURLs }: NonResourceRule): Matcher {
  const isVerb = oneOf(verbs)
  const prefixes = nonResourceURLs.map((url) => url.replace(/\*$/, '').replace(/\/?$/, '/'))
  const isAny = nonResourceURLs.includes('*')
  return ({ verb, path }) =>
    isVerb(verb) &&
    (isAny || nonResourceURLs.includes(path) || prefixes.some((prefix) => path.startsWith(prefix)))
}

import { forbidden, goQuote, StatusError } from '@miniplane/api'
import type { RequestInfo } from '../pipeline/request-info.js'
import type { UserInfo } from '../pipeline/stage.js'

export interface Verdict {
  /** `abstain`: somebody else may know; when nobody does, the answer is no. */
  readonly decision: 'allow' | 'deny' | 'abstain'
  readonly reason?: string
}

export const ALLOW: Verdict = { decision: 'allow' }
export const ABSTAIN: Verdict = { decision: 'abstain' }

/** What an authorizer is asked about; a `RequestInfo` is one. */
export type AccessAttributes = Pick<
  RequestInfo,
  'isResource' | 'verb' | 'path' | 'group' | 'namespace' | 'resource' | 'subresource' | 'name'
> & {
  /** As in a query: narrows a list, a watch or the deletion of a collection. */
  readonly fieldSelector?: string
}

export interface ResourceRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames: readonly string[]
}

export interface NonResourceRule {
  readonly verbs: readonly string[]
  readonly nonResourceURLs: readonly string[]
}

/** What somebody may do, as far as it can be listed. */
export interface UserRules {
  readonly resourceRules: readonly ResourceRule[]
  readonly nonResourceRules: readonly NonResourceRule[]
  /** He may do more than that. */
  readonly incomplete: boolean
  /** Why the list may be wrong. */
  readonly errors: readonly string[]
}

export const NO_RULES: UserRules = {
  resourceRules: [],
  nonResourceRules: [],
  incomplete: false,
  errors: [],
}

export interface Authorizer {
  /** On the path of every request: synchronous, from memory. */
  authorize(user: UserInfo, access: AccessAttributes): Verdict
  /** What `user` may do in `namespace` (everywhere alone, when empty). */
  rulesFor(user: UserInfo, namespace: string): UserRules
}

/** Throws 403 unless `user` may do that. */
export function demand(authorizer: Authorizer, user: UserInfo, access: AccessAttributes): void {
  const { decision, reason } = authorizer.authorize(user, access)
  if (decision !== 'allow') throw refusal(user, access, reason)
}

/** Somebody may not do what he asks for; other refusals have 403 too. */
export class AccessRefused extends StatusError {}

/** 403 in the real server's words. */
export function refusal(
  user: UserInfo,
  access: AccessAttributes,
  reason: string | undefined,
): AccessRefused {
  const who = `User ${goQuote(user.name)} cannot ${access.verb}`
  const because = reason ? `: ${reason}` : ''
  const { isResource, group, name, path } = access
  if (!isResource)
    return refused({ group: '', resource: '' }, '', `${who} path ${goQuote(path)}${because}`)
  const message = `${who} resource ${goQuote(combinedResource(access))} in API group ${goQuote(group)} ${scopeText(access)}${because}`
  return refused({ group, resource: access.resource }, name, message)
}

const refused = (...text: Parameters<typeof forbidden>): AccessRefused =>
  new AccessRefused(forbidden(...text).status)

/** `pods`, or with the subresource `pods/log`: the form in which rules name resources. */
export const combinedResource = ({
  resource,
  subresource,
}: Pick<AccessAttributes, 'resource' | 'subresource'>): string =>
  subresource ? `${resource}/${subresource}` : resource

const scopeText = ({ namespace }: Pick<AccessAttributes, 'namespace'>): string =>
  namespace ? `in the namespace ${goQuote(namespace)}` : 'at the cluster scope'

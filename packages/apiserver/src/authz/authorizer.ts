import type { RequestInfo } from '../pipeline/request-info.js'
import type { UserInfo } from '../pipeline/stage.js'

export interface Verdict {
  readonly decision: 'allow' | 'deny'
  readonly reason?: string
}

/** What an authorizer is asked about; a `RequestInfo` is one. */
export type AccessAttributes = Pick<
  RequestInfo,
  'isResource' | 'verb' | 'path' | 'group' | 'namespace' | 'resource' | 'subresource' | 'name'
>

export interface Authorizer {
  authorize(user: UserInfo, access: AccessAttributes): Verdict
  mayImpersonate(user: UserInfo, wanted: UserInfo): boolean
}

/** Where something would be done, as 403 messages say it. */
export const scopeText = ({ namespace }: Pick<AccessAttributes, 'namespace'>): string =>
  namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'

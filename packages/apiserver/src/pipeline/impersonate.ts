import { badRequest, goQuote, setOwn } from '@miniplane/api'
import { linesOf, unescapedKey } from '../authn/user-headers.js'
import type { Authorizer } from '../authz/authorizer.js'
import { impersonated } from '../authz/impersonation.js'
import type { RequestContext, Stage, UserInfo } from './stage.js'

const PREFIX = 'impersonate-'
const GROUP = 'impersonate-group'
const EXTRA_PREFIX = 'impersonate-extra-'

/** Lets those who may act as somebody else do so. */
export const impersonate =
  (authorizer: Authorizer): Stage =>
  (context, next) => {
    if (!isAskedFor(context.request.headers)) return next(context)
    const wanted = wantedUser(context)
    const { user: requestor, info: access } = context
    context.user = impersonated(authorizer, { requestor, wanted, access })
    return next(context)
  }

/** The user, whom everybody must name; what else is asked of him stands alone only by mistake. */
const NAMED = new Set(['impersonate-user', 'impersonate-uid'])

function isAskedFor(headers: RequestContext['request']['headers']): boolean {
  for (const name in headers) {
    if (!name.startsWith(PREFIX)) continue
    if (NAMED.has(name) ? headers[name] : name === GROUP || name.startsWith(EXTRA_PREFIX))
      return true
  }
  return false
}

function wantedUser({ request: { headers } }: RequestContext): UserInfo {
  const [name = ''] = linesOf(headers['impersonate-user'])
  const [uid = ''] = linesOf(headers['impersonate-uid'])
  const groups = linesOf(headers[GROUP])
  const extra: Record<string, string[]> = {}
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA_PREFIX) || value === undefined) continue
    setOwn(extra, unescapedKey(header.slice(EXTRA_PREFIX.length)), linesOf(value))
  }
  if (name === '') throw badRequest(nobodyText(uid, groups, extra))
  return {
    name,
    ...(uid !== '' && { uid }),
    groups,
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

function nobodyText(
  uid: string,
  groups: readonly string[],
  extra: Record<string, string[]>,
): string {
  const list =
    groups.length === 0
      ? '[]string(nil)'
      : `[]string{${groups.map((one) => goQuote(one)).join(', ')}}`
  const sorted = Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1))
  const pairs = sorted.map(
    ([key, values]) => `${goQuote(key)}:[]string{${values.map((one) => goQuote(one)).join(', ')}}`,
  )
  const map =
    pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`
  return `requested &user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${list}, Extra:${map}} without impersonating a user name`
}

import { badRequest, setOwn } from '@miniplane/api'
import type { Authorizer } from '../authz/authorizer.js'
import { impersonated } from '../authz/impersonation.js'
import type { RequestContext, Stage, UserInfo } from './stage.js'

const PREFIX = 'impersonate-'
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

function isAskedFor(headers: RequestContext['request']['headers']): boolean {
  for (const name in headers)
    if (name.startsWith(PREFIX) && (headers[name] || name.startsWith(EXTRA_PREFIX))) return true
  return false
}

function wantedUser({ request: { headers } }: RequestContext): UserInfo {
  const name = headers['impersonate-user'] ?? ''
  const uid = headers['impersonate-uid']
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  const extra: Record<string, string[]> = {}
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA_PREFIX) || value === undefined) continue
    const values = value.split(',').map((one) => one.trim())
    setOwn(extra, unescapedKey(header.slice(EXTRA_PREFIX.length)), values)
  }
  if (name === '') throw badRequest(nobodyText(uid, groups, extra))
  return {
    name,
    ...(uid !== undefined && { uid }),
    groups,
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

/** A key that is badly escaped is taken as it stands, as the real server does. */
function unescapedKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

function nobodyText(uid = '', groups: readonly string[], extra: Record<string, string[]>): string {
  const list =
    groups.length === 0
      ? '[]string(nil)'
      : `[]string{${groups.map((one) => JSON.stringify(one)).join(', ')}}`
  const pairs = Object.entries(extra).map(
    ([key, values]) =>
      `${JSON.stringify(key)}:[]string{${values.map((one) => JSON.stringify(one)).join(', ')}}`,
  )
  const map =
    pairs.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${pairs.join(', ')}}`
  return `requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list}, Extra:${map}} without impersonating a user name`
}

import { badRequest, forbidden, setOwn } from '@miniplane/api'
import { type Authorizer, scopeText } from '../authz/authorizer.js'
import type { RequestContext, Stage, UserInfo } from './stage.js'

const EXTRA_PREFIX = 'impersonate-extra-'

/** Lets those who may act as somebody else do so. */
export const impersonate =
  (authorizer: Authorizer): Stage =>
  (context, next) => {
    const { headers } = context.request
    if (
      headers['impersonate-user'] === undefined &&
      headers['impersonate-group'] === undefined &&
      headers['impersonate-uid'] === undefined
    )
      return next(context)
    const wanted = wantedUser(context)
    if (!authorizer.mayImpersonate(context.user, wanted)) throw refusal(context)
    context.user = wanted
    return next(context)
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
    groups: [...new Set([...groups, ...impliedGroups(name, groups)])],
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

/** Groups that come with a name, as authentication would have given them. */
function impliedGroups(name: string, groups: readonly string[]): string[] {
  if (name === 'system:anonymous') return ['system:unauthenticated']
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)
  const accounts =
    account && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`]
      : []
  return [...accounts, 'system:authenticated']
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

function refusal({ user, info }: RequestContext): Error {
  const verb = `impersonate-on:user-info:${info.verb}`
  const message = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(info.resource)} in API group ${JSON.stringify(info.group)} ${scopeText(info)}`
  return forbidden({ group: info.group, resource: info.resource }, info.name, message)
}

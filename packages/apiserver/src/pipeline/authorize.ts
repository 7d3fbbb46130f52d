import { forbidden } from '@miniplane/api'
import { type Authorizer, scopeText } from '../authz/authorizer.js'
import type { RequestContext, Stage } from './stage.js'

/** Passes the request on, or answers 403 in the real server's words. Needs `context.user`. */
export const authorize =
  (authorizer: Authorizer): Stage =>
  (context, next) => {
    const verdict = authorizer.authorize(context.user, context.info)
    if (verdict.decision === 'allow') return next(context)
    throw refusal(context, verdict.reason)
  }

function refusal({ user, info }: RequestContext, reason: string | undefined): Error {
  const who = `User ${JSON.stringify(user.name)} cannot ${info.verb}`
  const because = reason ? `: ${reason}` : ''
  if (!info.isResource)
    return forbidden(
      { group: '', resource: '' },
      '',
      `${who} path ${JSON.stringify(info.path)}${because}`,
    )
  const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource
  const message = `${who} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(info.group)} ${scopeText(info)}${because}`
  return forbidden({ group: info.group, resource: info.resource }, info.name, message)
}

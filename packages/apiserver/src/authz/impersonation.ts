import { goQuote, isDns1123Subdomain, type StatusError } from '@miniplane/api'
import type { UserInfo } from '../pipeline/stage.js'
import { type AccessAttributes, type Authorizer, refusal } from './authorizer.js'
import { PRIVILEGED_GROUP } from './modes.js'

/** Somebody who wants to act as somebody else, in what he asks for. */
export interface Impersonation {
  readonly requestor: UserInfo
  /** As the headers say it, with no group added. */
  readonly wanted: UserInfo
  readonly access: AccessAttributes
}

/** The user to go on as, why not, or undefined when the mode is not for such users. */
type Mode = (authorizer: Authorizer, asked: Impersonation) => UserInfo | StatusError | undefined

/**
 * Finds out whom the request goes on as: by a right that holds for this verb while impersonating
 * (`impersonate-on:user-info:list` with `impersonate:user-info`), or by the old one that holds for
 * every request (`impersonate`). Throws the first refusal. Source: KEP-5284.
 */
export function impersonated(authorizer: Authorizer, asked: Impersonation): UserInfo {
  let first: StatusError | undefined
  for (const mode of MODES) {
    const outcome = mode(authorizer, asked)
    if (outcome === undefined) continue
    if (!(outcome instanceof Error)) return outcome
    first ??= outcome
  }
  throw first ?? refusal(asked.requestor, asked.access, undefined)
}

const isBare = ({ uid, groups, extra }: UserInfo): boolean => !uid && groups.length === 0 && !extra

/** A service account's token says on which node its Pod runs: it may act as that node. */
const associatedNode = (authorizer: Authorizer, asked: Impersonation) => {
  const { requestor, wanted } = asked
  const node = nodeNameOf(wanted.name)
  const own = requestor.extra?.['authentication.kubernetes.io/node-name']
  if (!isBare(wanted) || node === undefined || !accountOf(requestor.name)) return undefined
  if (own?.length !== 1 || own[0] !== node) return undefined
  return constrained(authorizer, asked, 'associated-node', '*')
}

const arbitraryNode: Mode = (authorizer, asked) =>
  isBare(asked.wanted) && nodeNameOf(asked.wanted.name) !== undefined
    ? constrained(authorizer, asked, 'arbitrary-node')
    : undefined

const serviceAccount: Mode = (authorizer, asked) =>
  isBare(asked.wanted) && accountOf(asked.wanted.name)
    ? constrained(authorizer, asked, 'serviceaccount')
    : undefined

const userInfo: Mode = (authorizer, asked) =>
  nodeNameOf(asked.wanted.name) === undefined && !accountOf(asked.wanted.name)
    ? constrained(authorizer, asked, 'user-info')
    : undefined

const legacy: Mode = (authorizer, asked) => {
  const { requestor, wanted } = asked
  const rights = { verb: 'impersonate', group: '', node: undefined }
  return refusalOf(authorizer, requestor, wanted, rights) ?? settled(wanted, false)
}

const MODES: readonly Mode[] = [associatedNode, arbitraryNode, serviceAccount, userInfo, legacy]

function constrained(
  authorizer: Authorizer,
  { requestor, wanted, access }: Impersonation,
  mode: string,
  node = nodeNameOf(wanted.name),
): UserInfo | StatusError {
  const on = { ...access, verb: `impersonate-on:${mode}:${access.verb}` }
  const rights = { verb: `impersonate:${mode}`, group: AUTHENTICATION, node }
  return (
    denied(authorizer, requestor, on) ??
    refusalOf(authorizer, requestor, wanted, rights) ??
    settled(wanted, true)
  )
}

interface Rights {
  readonly verb: string
  /** Of users, groups and service accounts. */
  readonly group: string
  /** The wanted user is a node, and that one is to be asked about. */
  readonly node: string | undefined
}

const AUTHENTICATION = 'authentication.k8s.io'

/** Asks about every part of the wanted user: name, uid, groups and extra values. */
function refusalOf(
  authorizer: Authorizer,
  requestor: UserInfo,
  { name, uid, groups, extra = {} }: UserInfo,
  { verb, group, node }: Rights,
): StatusError | undefined {
  const ask = (about: Partial<AccessAttributes>) =>
    denied(authorizer, requestor, { ...NOTHING, verb, group: AUTHENTICATION, ...about })
  const account = accountOf(name)
  const isConstrained = group !== ''
  const askName = () => {
    if (node !== undefined) return ask({ group, resource: 'nodes', name: node })
    return account
      ? ask({ group, resource: 'serviceaccounts', ...account })
      : ask({ group, resource: 'users', name })
  }
  const askGroup = (one: string) =>
    (isConstrained ? unfitGroup(requestor, verb, one) : undefined) ??
    ask({ group, resource: 'groups', name: one })
  const askExtra = (key: string, value: string) =>
    (isConstrained ? unfitExtra(requestor, verb, key, value) : undefined) ??
    ask({ resource: 'userextras', subresource: key, name: value })
  return firstOf([
    askName,
    () => (uid ? ask({ resource: 'uids', name: uid }) : undefined),
    ...groups.map((one) => () => askGroup(one)),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => () => askExtra(key, value)),
    ),
  ])
}

function firstOf(checks: readonly (() => StatusError | undefined)[]): StatusError | undefined {
  for (const check of checks) {
    const error = check()
    if (error) return error
  }
  return undefined
}

const NOTHING: AccessAttributes = {
  isResource: true,
  verb: '',
  path: '',
  group: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
}

function denied(
  authorizer: Authorizer,
  requestor: UserInfo,
  access: AccessAttributes,
): StatusError | undefined {
  const { decision, reason } = authorizer.authorize(requestor, access)
  return decision === 'allow' ? undefined : refusal(requestor, access, reason)
}

/** What no constrained right covers; the old one still may. */
function unfitGroup(requestor: UserInfo, verb: string, group: string): StatusError | undefined {
  const access = { ...NOTHING, verb, group: AUTHENTICATION, resource: 'groups', name: group }
  if (group === '')
    return refusal(requestor, access, 'impersonating the empty string group is not allowed')
  return group === PRIVILEGED_GROUP
    ? refusal(requestor, access, 'impersonating the system:masters group is not allowed')
    : undefined
}

function unfitExtra(
  requestor: UserInfo,
  verb: string,
  key: string,
  value: string,
): StatusError | undefined {
  const access = { ...NOTHING, verb, group: AUTHENTICATION, resource: 'userextras' }
  const refuse = (reason: string) => refusal(requestor, access, reason)
  if (key === '') return refuse('impersonating the empty string key in extra is not allowed')
  if (!isDomainPrefixedPath(key))
    return refuse(
      `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${goQuote(key)}: must be a domain-prefixed path (such as "acme.io/foo")`,
    )
  return value === ''
    ? refuse('impersonating the empty string value in extra is not allowed')
    : undefined
}

function isDomainPrefixedPath(key: string): boolean {
  const slash = key.indexOf('/')
  return slash > 0 && slash < key.length - 1 && isDns1123Subdomain(key.slice(0, slash)).length === 0
}

/** With the groups that authentication would have given him. */
function settled(wanted: UserInfo, isConstrained: boolean): UserInfo {
  const groups = [...wanted.groups, ...impliedGroups(wanted, isConstrained)]
  return { ...wanted, groups: [...new Set(groups)] }
}

function impliedGroups({ name, groups }: UserInfo, isConstrained: boolean): string[] {
  if (name === 'system:anonymous') return ['system:unauthenticated']
  const known = groups.includes('system:unauthenticated') ? [] : ['system:authenticated']
  if (isConstrained && nodeNameOf(name) !== undefined) return ['system:nodes', ...known]
  const account = groups.length === 0 ? accountOf(name) : undefined
  return account
    ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, ...known]
    : known
}

function accountOf(user: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  return namespace && name ? { namespace, name } : undefined
}

function nodeNameOf(user: string): string | undefined {
  if (!user.startsWith('system:node:')) return undefined
  const name = user.slice('system:node:'.length)
  return isDns1123Subdomain(name).length === 0 ? name : undefined
}

import type { GroupVersionKind } from '@miniplane/api'

export const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`

/** `rbac.authorization.k8s.io` → `rbacAuthorization`, the core group → `core`. */
function groupWord(group: string): string {
  if (group === '') return 'core'
  const [first = '', ...rest] = group.replace(/\.k8s\.io$/, '').split('.')
  return first + rest.map(capital).join('')
}

/** What generators make a class of: `rbacAuthorization_v1`, and `rbacAuthorization` for the group. */
export const tagOf = (group: string, version?: string): string =>
  version === undefined ? groupWord(group) : `${groupWord(group)}_${version}`

/** What is common to the names of operations: `RbacAuthorizationV1`. */
export const prefixOf = (group: string, version = ''): string =>
  capital(groupWord(group)) + capital(version)

/** `a Pod`, `an Ingress`, `Endpoints`. */
export function withArticle(kind: string): string {
  if (kind.endsWith('s') && !kind.endsWith('ss')) return kind
  return `${/^[aeiou]/i.test(kind) ? 'an' : 'a'} ${kind}`
}

/** Who an operation is about, as far as its name and its description tell. */
export interface Subject extends GroupVersionKind {
  readonly namespaced: boolean
  /** Empty for the object itself. */
  readonly subresource: string
}

/** `readCoreV1NamespacedPodStatus`; `infix` as in `connectCoreV1GetNamespacedPodExec`. */
export function operationId(
  verb: string,
  { group, version, kind, namespaced, subresource }: Subject,
  { infix = '', suffix = '' } = {},
): string {
  const scope = `${infix}${namespaced ? 'Namespaced' : ''}`
  return `${verb}${prefixOf(group, version)}${scope}${kind}${capital(subresource)}${suffix}`
}

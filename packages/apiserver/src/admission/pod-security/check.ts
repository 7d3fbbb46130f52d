import type { Container, Pod, PodSpec } from '@miniplane/api'

/** What of a Pod a check looks at: a template has metadata and spec too. */
export interface PodLike {
  readonly metadata?: Pod['metadata']
  readonly spec: PodSpec
}

/** What a Pod does that its namespace's level does not allow. */
export interface Violation {
  /** In a few words: `privileged`. */
  readonly reason: string
  /** Which parts do it, and what they must do instead. */
  readonly detail: string
}

export interface Check {
  readonly id: string
  /** The minor version of Kubernetes whose levels began to have it. */
  readonly since?: number
  /** The baseline check that a restricted one makes superfluous. */
  readonly replaces?: string
  /** `version` is the minor version of the level, infinite for the latest. */
  run(pod: PodLike, version: number): Violation | undefined
}

export const containersOf = ({ spec }: PodLike): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
]

export const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')
export const many = (word: string, count: number) => (count === 1 ? word : `${word}s`)

export const containersText = (containers: readonly Container[]) =>
  `${many('container', containers.length)} ${quoted(containers.map(({ name }) => name))}`

/** A violation of some containers, when there are any. */
export function byContainers(
  reason: string,
  containers: readonly Container[],
  demand: string,
): Violation | undefined {
  if (containers.length === 0) return undefined
  return { reason, detail: `${containersText(containers)} ${demand}` }
}

/** Names who sets something forbidden: the Pod, some containers, or both. */
export function setBy(podIsBad: boolean, bad: readonly Container[]): string {
  const who: string[] = []
  if (podIsBad) who.push('pod')
  if (bad.length > 0) who.push(containersText(bad))
  return who.join(' and ')
}

/** Since 1.35 the users of a Pod that has its own are nobody on the node. Source: KEP-127. */
export const hasOwnUsers = ({ spec }: PodLike, version: number): boolean =>
  version >= OWN_USERS_SINCE && spec.hostUsers === false

const OWN_USERS_SINCE = 35

import type { Deployment, ReplicaSet } from '@miniplane/api'
import { limits } from './limits.js'
import { maxSurge, wantedReplicas } from './sizes.js'

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
  /** What `extensions/v1beta1` had as a field; still obeyed. */
  rollbackTo: 'deprecated.deployment.rollback.to',
} as const

const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  annotations.revision,
  annotations.revisionHistory,
  annotations.desiredReplicas,
  annotations.maxReplicas,
  annotations.rollbackTo,
])

type Annotations = Readonly<Record<string, string>>

export const isCopied = (name: string): boolean => !NOT_COPIED.has(name)

/** The number in the revision annotation; 0 when there is none, or no number. It has 64 bits. */
export function revisionOf({ metadata }: Pick<ReplicaSet, 'metadata'>): bigint {
  return integer(metadata.annotations?.[annotations.revision]) ?? 0n
}

export const maxRevision = (replicaSets: readonly ReplicaSet[]): bigint =>
  replicaSets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n)

/** Undefined for text that is no integer of 64 bits. */
export function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** The same for a number of replicas, which has 32 bits. */
export function count(text: string | undefined): number | undefined {
  const value = integer(text)
  return value === undefined || BigInt.asIntN(32, value) !== value ? undefined : Number(value)
}

/**
 * The annotations of the ReplicaSet for the current template: the Deployment's own, its revision,
 * and the revisions it had before (a rollback gives an old ReplicaSet a new number).
 */
export function annotationsOfNew(
  deployment: Deployment,
  current: Annotations,
  revision: bigint,
): Annotations {
  const updated: Record<string, string> = { ...current }
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (isCopied(name)) updated[name] = value
  }
  const oldText = current[annotations.revision]
  const old = oldText === undefined || oldText === '' ? 0n : integer(oldText)
  // Somebody wrote what is no number: better left alone than made worse.
  if (old === undefined || old >= revision) return updated
  updated[annotations.revision] = String(revision)
  if (oldText !== undefined) {
    const history = current[annotations.revisionHistory]
    updated[annotations.revisionHistory] = extended(history, oldText)
  }
  return updated
}

/** The oldest revisions fall out when the text grows too long. */
function extended(history: string | undefined, revision: string): string {
  if (history === undefined || history === '') return revision
  const revisions = history.split(',')
  const length = () => revisions.join(',').length + 1 + revision.length
  while (revisions.length > 0 && length() > limits.revisionHistoryLengthMax) revisions.shift()
  return [...revisions, revision].join(',')
}

/** What a later scaling in proportion needs to know about the sizes as they are now. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = wantedReplicas(deployment)
  return {
    [annotations.desiredReplicas]: String(desired),
    [annotations.maxReplicas]: String(desired + maxSurge(deployment)),
  }
}

export function hasAll(current: Annotations | undefined, wanted: Annotations): boolean {
  return Object.entries(wanted).every(([name, value]) => current?.[name] === value)
}

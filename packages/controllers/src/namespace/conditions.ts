import { formatTime, type NamespaceCondition, setCondition } from '@miniplane/api'
import type { ResourceRef } from '@miniplane/client'

/** What of one resource is still there. */
export interface Remaining {
  readonly resource: Pick<ResourceRef, 'group' | 'resource'>
  readonly count: number
  /** Finalizers of those objects, each as often as it is there. */
  readonly finalizers: readonly string[]
}

export interface Progress {
  readonly remaining: readonly Remaining[]
  readonly errors: readonly unknown[]
}

/** What a namespace says about the deletion of its content, in Kubernetes' words. */
export function deletionConditions(
  old: readonly NamespaceCondition[],
  progress: Progress,
  nowMs: number,
): NamespaceCondition[] {
  let conditions = [...old]
  for (const condition of conditionsOf(progress)) {
    conditions = setCondition(
      conditions,
      { ...condition, lastTransitionTime: formatTime(nowMs) },
      nowMs,
    )
  }
  return conditions
}

function conditionsOf({ remaining, errors }: Progress): NamespaceCondition[] {
  const left = remaining.filter(({ count }) => count > 0)
  const finalizers = countsOf(left.flatMap((each) => each.finalizers))
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    contentFailure(left, errors),
    left.length === 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${left.map(remainingText).sort().join(', ')}`,
        },
    finalizers.size === 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${[...finalizers]
            .map(([name, count]) => `${name} in ${count} resource instances`)
            .sort()
            .join(', ')}`,
        },
  ]
}

function contentFailure(
  left: readonly Remaining[],
  errors: readonly unknown[],
): NamespaceCondition {
  const type = 'NamespaceDeletionContentFailure'
  if (errors.length === 0) {
    const message = 'All content successfully deleted, may be waiting on finalization'
    return { type, status: 'False', reason: 'ContentDeleted', message }
  }
  const texts = errors.map((error) => (error instanceof Error ? error.message : String(error)))
  const message = `Failed to delete all resource types, ${left.length} remaining: ${texts.join(', ')}`
  return { type, status: 'True', reason: 'ContentDeletionFailed', message }
}

/** The group of core resources is empty, and the dot stays. */
const remainingText = ({ resource, count }: Remaining): string =>
  `${resource.resource}.${resource.group} has ${count} resource instances`

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

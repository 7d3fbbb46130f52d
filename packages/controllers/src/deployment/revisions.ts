import {
  type Deployment,
  type KubeObject,
  type PodTemplateSpec,
  type ReplicaSet,
  semanticEqual,
} from '@miniplane/api'
import { templateHash } from '../template-hash/template-hash.js'
import { limits } from './limits.js'
import { byCreation } from './order.js'

/** Tells apart the Pods of one Deployment's ReplicaSets. */
export const HASH_LABEL = 'pod-template-hash'

export const hashOf = ({ spec, status }: Deployment): string =>
  templateHash(spec.template, status.collisionCount)

/** The hash is what has to stay; a name that is too long loses its own end. */
export const replicaSetName = (deploymentName: string, hash: string): string =>
  `${deploymentName.slice(0, limits.objectNameMax - hash.length - 1)}-${hash}`

/** The oldest ReplicaSet that was made from this template, and all others. */
export function splitByTemplate<T extends ReplicaSet>(
  template: PodTemplateSpec,
  replicaSets: readonly T[],
): { newSet: T | undefined; old: T[] } {
  const newSet = [...replicaSets]
    .sort(byCreation)
    .find(({ spec }) => isSameTemplate(spec.template, template))
  return { newSet, old: replicaSets.filter((each) => each !== newSet) }
}

/** Whether two templates make the same Pods: all but the hash, which depends on the rest. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return semanticEqual(withoutHash(a), withoutHash(b))
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { metadata } = template
  if (metadata?.labels?.[HASH_LABEL] === undefined) return template
  const { [HASH_LABEL]: _, ...labels } = metadata.labels
  return { ...template, metadata: { ...metadata, labels } }
}

/** The ReplicaSet for the current template, still without size and annotations. */
export function newReplicaSet(deployment: Deployment, hash: string): ReplicaSet & KubeObject {
  const { metadata, spec } = deployment
  const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash }
  return {
    metadata: {
      name: replicaSetName(metadata.name ?? '', hash),
      namespace: metadata.namespace ?? '',
      labels,
    },
    spec: {
      minReadySeconds: spec.minReadySeconds ?? 0,
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
    status: { replicas: 0 },
  }
}

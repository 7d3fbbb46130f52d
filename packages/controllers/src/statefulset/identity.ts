import type {
  GroupVersionKind,
  KubeObject,
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { podFromTemplate } from '../pod-control/pod-from-template.js'

export type StatefulSetObject = StatefulSet & KubeObject

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'
/** Names the ControllerRevision that a Pod was made from. */
export const REVISION_LABEL = 'controller-revision-hash'

const KIND: GroupVersionKind = resources.statefulSets

export const podName = ({ metadata }: StatefulSet, ordinal: number): string =>
  `${metadata.name}-${ordinal}`

/** The number at the end of a Pod's name; undefined when it is no name of this set's Pods. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const name = metadata.name ?? ''
  const number = name.slice(prefix.length)
  return name.startsWith(prefix) && /^\d+$/.test(number) ? Number(number) : undefined
}

/** Whether the set is large enough for this one. */
export function isReplica({ spec }: StatefulSet, ordinal: number): boolean {
  const start = spec.ordinals?.start ?? 0
  return ordinal >= start && ordinal < start + (spec.replicas ?? 1)
}

export const revisionNameOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_LABEL] ?? ''

/** The Pod with this ordinal: its name, host name and volumes are the same each time. */
export function newPod(
  set: StatefulSetObject,
  template: PodTemplateSpec,
  revision: string,
  ordinal: number,
): Pod {
  const pod = podFromTemplate(template, set, KIND)
  const name = podName(set, ordinal)
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimName(metadata.name ?? '', name) },
  }))
  const isClaimed = new Set(claims.map((volume) => volume.name))
  const others = (pod.spec.volumes ?? []).filter((volume) => !isClaimed.has(volume.name))
  const volumes = [...claims, ...others]
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      labels: {
        ...pod.metadata.labels,
        [REVISION_LABEL]: revision,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      subdomain: set.spec.serviceName,
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  }
}

const claimName = (template: string, pod: string): string => `${template}-${pod}`

/** What a Pod keeps its data in, which outlives it. */
export function claimsFor(
  set: StatefulSetObject,
  ordinal: number,
): (PersistentVolumeClaim & KubeObject)[] {
  const pod = podName(set, ordinal)
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    metadata: {
      ...template.metadata,
      name: claimName(template.metadata.name ?? '', pod),
      namespace: set.metadata.namespace ?? '',
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
  }))
}

import {
  controllerOf,
  type Deployment,
  isEqual,
  type KubeList,
  type KubeObject,
  type PodTemplateSpec,
  type ReplicaSet,
} from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'

const REPLICA_SETS = { group: 'apps', version: 'v1', resource: 'replicasets', namespaced: true }

export interface ReplicaSets {
  /** The one with the Deployment's present template. */
  readonly newest: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

export async function newAndOldReplicaSets(
  object: KubeObject,
  { session }: DescribeContext,
): Promise<ReplicaSets> {
  const { metadata, spec } = object as unknown as Deployment
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(REPLICA_SETS, metadata.namespace),
    query: { labelSelector: selectorText(spec?.selector) },
  })) as unknown as KubeList
  const mine = list.items.filter((item) => controllerOf(item)?.uid === metadata.uid)
  const byAge = (mine as unknown as ReplicaSet[]).sort(
    (a, b) =>
      Date.parse(a.metadata.creationTimestamp ?? '') -
      Date.parse(b.metadata.creationTimestamp ?? ''),
  )
  const template = withoutHash(spec?.template)
  const newest = byAge.find((one) => isEqual(withoutHash(one.spec?.template), template))
  return { newest, old: byAge.filter((one) => one !== newest) }
}

function withoutHash(template: PodTemplateSpec | undefined) {
  const { 'pod-template-hash': _, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}

/** `web-5d9 (3/3 replicas created)` */
export const replicaSetsText = (replicaSets: readonly ReplicaSet[]): string =>
  replicaSets
    .map(
      ({ metadata, spec, status }) =>
        `${metadata.name} (${status?.replicas ?? 0}/${spec?.replicas ?? 0} replicas created)`,
    )
    .join(', ') || '<none>'

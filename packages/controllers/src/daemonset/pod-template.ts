import type {
  Affinity,
  DaemonSet,
  KubeObject,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Toleration,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { podFromTemplate } from '../pod-control/pod-from-template.js'

export type DaemonSetObject = DaemonSet & KubeObject

export const HASH_LABEL = 'controller-revision-hash'
const GENERATION_LABEL = 'pod-template-generation'
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'

/** What a node may suffer from without its daemons leaving it. */
const TOLERATED: readonly (readonly [condition: string, effect: string])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
]

/** The Pod for one node: the scheduler binds it there, and nowhere else. */
export function podForNode(set: DaemonSetObject, hash: string, node: string): Pod {
  const { metadata, spec } = set.spec.template
  const generation = templateGeneration(set)
  const labels = {
    ...metadata?.labels,
    [HASH_LABEL]: hash,
    ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
  }
  const template: PodTemplateSpec = {
    metadata: { ...metadata, labels },
    spec: {
      ...spec,
      tolerations: daemonTolerations(spec),
      affinity: onlyOn(node, spec.affinity),
    },
  }
  return podFromTemplate(template, set, resources.daemonSets)
}

/** The template's tolerations, and those of every daemon. */
export function daemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const conditions = hostNetwork
    ? [...TOLERATED, ['network-unavailable', 'NoSchedule'] as const]
    : TOLERATED
  const result = [...tolerations]
  for (const [condition, effect] of conditions) {
    const toleration = { key: `node.kubernetes.io/${condition}`, operator: 'Exists', effect }
    const index = result.findIndex((each) => isSame(each, toleration))
    if (index < 0) result.push(toleration)
    else result[index] = toleration
  }
  return result
}

const isSame = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key &&
  a.effect === b.effect &&
  a.operator === b.operator &&
  (a.value ?? '') === (b.value ?? '')

/** Takes the place of the nodes that the template asks for: the controller has judged those. */
function onlyOn(node: string, affinity: Affinity | undefined): Affinity {
  const byName = { key: 'metadata.name', operator: 'In', values: [node] }
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [byName] }],
      },
    },
  }
}

/** The node of a Pod, or the one it was made for as long as it is not bound. */
export function targetNodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  for (const { matchFields = [] } of terms ?? []) {
    const byName = matchFields.find(({ key, operator }) => {
      return key === 'metadata.name' && operator === 'In'
    })
    if (byName?.values?.length === 1) return byName.values[0]
  }
  return undefined
}

/** Made from the present template, by its hash or by the counter of older days. */
export function isUpdated(set: DaemonSet, hash: string, { metadata }: Pod): boolean {
  const generation = templateGeneration(set)
  const labels = metadata.labels ?? {}
  if (labels[HASH_LABEL] === hash) return true
  return generation !== undefined && labels[GENERATION_LABEL] === generation
}

const templateGeneration = ({ metadata }: DaemonSet): string | undefined =>
  metadata.annotations?.[GENERATION_ANNOTATION]

import type { Pod } from '@miniplane/api'
import { keyOf } from '@miniplane/client'
import { type AffinityTerm, affinityTerms, weightedTerms } from './affinity-term.js'
import { type HostPort, hostPortsOf } from './host-ports.js'
import { type Amounts, assumedAmounts, requestedAmounts } from './resources.js'

/** A Pod and what the scheduler asks about it again and again; worked out once a version. */
export class PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly priority: number
  /** The same for Pods of one namespace with the same labels. */
  readonly group: string
  readonly requests: Amounts
  readonly assumed: Amounts
  readonly hostPorts: readonly HostPort[]
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]

  /** `before`: an earlier version, whose work need not be done again if the spec is the same. */
  constructor(pod: Pod, before?: PodInfo) {
    this.pod = pod
    this.key = keyOf(pod)
    this.uid = pod.metadata.uid ?? ''
    this.priority = pod.spec.priority ?? 0
    this.group = groupOf(pod)
    const known = before && isSameSpec(before.pod, pod) ? before : workOut(pod)
    this.requests = known.requests
    this.assumed = known.assumed
    this.hostPorts = known.hostPorts
    this.requiredAffinity = known.requiredAffinity
    this.requiredAntiAffinity = known.requiredAntiAffinity
    this.preferredAffinity = known.preferredAffinity
    this.preferredAntiAffinity = known.preferredAntiAffinity
  }

  /** States any pod affinity or anti-affinity. */
  get hasAffinity(): boolean {
    return (
      this.requiredAffinity.length > 0 ||
      this.requiredAntiAffinity.length > 0 ||
      this.preferredAffinity.length > 0 ||
      this.preferredAntiAffinity.length > 0
    )
  }

  get isTerminating(): boolean {
    return this.pod.metadata.deletionTimestamp !== undefined
  }
}

function groupOf({ metadata }: Pod): string {
  let group = metadata.namespace ?? ''
  // In the order in which they stand: two orders of the same labels are two groups, no harm done.
  for (const name in metadata.labels) group += `,${name}=${metadata.labels[name]}`
  return group
}

/** The server counts the generation up with every change of the spec. */
export const isSameSpec = (a: Pod, b: Pod): boolean =>
  a.metadata.uid === b.metadata.uid &&
  a.metadata.generation !== undefined &&
  a.metadata.generation === b.metadata.generation

function workOut(pod: Pod) {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  return {
    requests: requestedAmounts(pod),
    assumed: assumedAmounts(pod),
    hostPorts: hostPortsOf(pod),
    requiredAffinity: affinityTerms(
      pod,
      podAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    requiredAntiAffinity: affinityTerms(
      pod,
      podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAffinity: weightedTerms(
      pod,
      podAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
    preferredAntiAffinity: weightedTerms(
      pod,
      podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    ),
  }
}

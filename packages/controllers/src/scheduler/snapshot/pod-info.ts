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
  readonly requests: Amounts
  readonly assumed: Amounts
  readonly hostPorts: readonly HostPort[]
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]

  constructor(pod: Pod) {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
    this.pod = pod
    this.key = keyOf(pod)
    this.uid = pod.metadata.uid ?? ''
    this.priority = pod.spec.priority ?? 0
    this.requests = requestedAmounts(pod)
    this.assumed = assumedAmounts(pod)
    this.hostPorts = hostPortsOf(pod)
    this.requiredAffinity = affinityTerms(
      pod,
      podAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    )
    this.requiredAntiAffinity = affinityTerms(
      pod,
      podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    )
    this.preferredAffinity = weightedTerms(
      pod,
      podAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    )
    this.preferredAntiAffinity = weightedTerms(
      pod,
      podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    )
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

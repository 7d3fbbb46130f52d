import type { Node } from '@miniplane/api'
import type { PodInfo } from './pod-info.js'
import { type Amounts, addAmounts, amountsOf } from './resources.js'

/** Pods of one namespace with the same labels: a selector matches all of them, or none. */
export interface PodGroup {
  /** One of them. */
  readonly example: PodInfo
  count: number
}

/** A node and the Pods on it, with their sums kept up to date as Pods come and go. */
export class NodeInfo {
  readonly name: string
  /** By uid: also Pods that are only assumed to be here, since their binding is under way. */
  readonly pods = new Map<string, PodInfo>()
  /** Those that are not on their way out, by `PodInfo.group`. */
  readonly groups = new Map<string, PodGroup>()
  /** What the Pods ask for, and what they are assumed to need. */
  readonly requested: Amounts = new Map()
  readonly assumed: Amounts = new Map()
  /** How many of the Pods state pod affinity of any kind, or must not be near some Pods. */
  affinityPods = 0
  antiAffinityPods = 0
  #node: Node | undefined
  #allocatable: Amounts = new Map()

  constructor(name: string) {
    this.name = name
  }

  /** Absent while only Pods have been seen, and after the node went. */
  get node(): Node | undefined {
    return this.#node
  }

  set node(node: Node | undefined) {
    this.#node = node
    this.#allocatable = amountsOf(node?.status.allocatable)
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? {}
  }

  get allocatable(): Amounts {
    return this.#allocatable
  }

  add(pod: PodInfo): void {
    this.remove(pod.uid)
    this.pods.set(pod.uid, pod)
    this.#count(pod, 1)
  }

  remove(uid: string): void {
    const pod = this.pods.get(uid)
    if (!pod) return
    this.pods.delete(uid)
    this.#count(pod, -1)
  }

  /** An independent copy: preemption tries out what would be if Pods were gone. */
  clone(): NodeInfo {
    const copy = new NodeInfo(this.name)
    copy.#node = this.#node
    copy.#allocatable = this.#allocatable
    for (const pod of this.pods.values()) copy.add(pod)
    return copy
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, pod.requests, sign)
    addAmounts(this.assumed, pod.assumed, sign)
    if (pod.hasAffinity) this.affinityPods += sign
    if (pod.requiredAntiAffinity.length > 0) this.antiAffinityPods += sign
    if (!pod.isTerminating) this.#countGroup(pod, sign)
  }

  #countGroup(pod: PodInfo, sign: 1 | -1): void {
    const group = this.groups.get(pod.group)
    if (!group) this.groups.set(pod.group, { example: pod, count: sign })
    else {
      group.count += sign
      if (group.count === 0) this.groups.delete(pod.group)
    }
  }
}

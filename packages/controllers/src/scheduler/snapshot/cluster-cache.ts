import type { Node } from '@miniplane/api'
import type { ClusterView, Listers } from './cluster-view.js'
import { NodeInfo } from './node-info.js'
import type { PodInfo } from './pod-info.js'

interface Placement {
  readonly pod: PodInfo
  readonly nodeName: string
  /** Decided here, not yet seen from the API. */
  readonly isAssumed: boolean
}

/**
 * Nodes and the Pods on them, kept from what the API tells and from the scheduler's own decisions:
 * a Pod counts on its node from the moment it is assumed there, so that the next cycle need not
 * wait for its binding.
 */
export class ClusterCache implements ClusterView {
  readonly #infos = new Map<string, NodeInfo>()
  readonly #placements = new Map<string, Placement>()
  readonly #listers: Listers
  #nodes: NodeInfo[] | undefined

  constructor(listers: Listers) {
    this.#listers = listers
  }

  get nodes(): readonly NodeInfo[] {
    this.#nodes ??= [...this.#infos.values()].filter((info) => info.node !== undefined)
    return this.#nodes
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#infos.get(name)
    return info?.node === undefined ? undefined : info
  }

  namespaceLabels: Listers['namespaceLabels'] = (namespace) =>
    this.#listers.namespaceLabels(namespace)
  claim: Listers['claim'] = (namespace, name) => this.#listers.claim(namespace, name)
  volume: Listers['volume'] = (name) => this.#listers.volume(name)
  volumes: Listers['volumes'] = () => this.#listers.volumes()
  storageClass: Listers['storageClass'] = (name) => this.#listers.storageClass(name)
  csiNode: Listers['csiNode'] = (name) => this.#listers.csiNode(name)
  siblings: Listers['siblings'] = (pod) => this.#listers.siblings(pod)

  setNode(node: Node): void {
    const info = this.#infoOf(node.metadata.name ?? '')
    if (info.node === undefined) this.#nodes = undefined
    info.node = node
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name)
    if (!info) return
    info.node = undefined
    this.#nodes = undefined
    this.#dropIfEmpty(info)
  }

  /** What the API says: also confirms, or corrects, what was assumed. */
  setPod(pod: PodInfo, nodeName: string): void {
    this.#place({ pod, nodeName, isAssumed: false })
  }

  assume(pod: PodInfo, nodeName: string): void {
    this.#place({ pod, nodeName, isAssumed: true })
  }

  /** Takes an assumption back; what the API has confirmed stays. */
  forget(uid: string): void {
    if (this.#placements.get(uid)?.isAssumed) this.removePod(uid)
  }

  removePod(uid: string): void {
    const placement = this.#placements.get(uid)
    if (!placement) return
    this.#placements.delete(uid)
    const info = this.#infoOf(placement.nodeName)
    info.remove(uid)
    this.#dropIfEmpty(info)
  }

  pod(uid: string): PodInfo | undefined {
    return this.#placements.get(uid)?.pod
  }

  isAssumed(uid: string): boolean {
    return this.#placements.get(uid)?.isAssumed ?? false
  }

  #place(placement: Placement): void {
    const { uid } = placement.pod
    const old = this.#placements.get(uid)
    if (old && old.nodeName !== placement.nodeName) this.removePod(uid)
    this.#placements.set(uid, placement)
    this.#infoOf(placement.nodeName).add(placement.pod)
  }

  #infoOf(name: string): NodeInfo {
    let info = this.#infos.get(name)
    if (!info) {
      info = new NodeInfo(name)
      this.#infos.set(name, info)
    }
    return info
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (info.node === undefined && info.pods.size === 0) this.#infos.delete(info.name)
  }
}

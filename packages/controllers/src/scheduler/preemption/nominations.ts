import type { PodInfo } from '../snapshot/pod-info.js'

const NONE: readonly PodInfo[] = []

/** Pods that wait for room which preemption makes for them, by the node it was promised on. */
export class Nominations {
  readonly #nodeOf = new Map<string, string>()
  readonly #podsOn = new Map<string, Map<string, PodInfo>>()

  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid)
    this.#nodeOf.set(pod.uid, nodeName)
    let pods = this.#podsOn.get(nodeName)
    if (!pods) {
      pods = new Map()
      this.#podsOn.set(nodeName, pods)
    }
    pods.set(pod.uid, pod)
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid)
    if (nodeName === undefined) return
    this.#nodeOf.delete(uid)
    const pods = this.#podsOn.get(nodeName)
    pods?.delete(uid)
    if (pods?.size === 0) this.#podsOn.delete(nodeName)
  }

  on(nodeName: string): readonly PodInfo[] {
    const pods = this.#podsOn.get(nodeName)
    return pods ? [...pods.values()] : NONE
  }
}

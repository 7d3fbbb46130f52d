import { type KubeObject, type LabelMatcher, type Pod, parseLabelSelector } from '@miniplane/api'
import { type Cache, keyOf } from '@miniplane/client'

/** Which autoscalers are about the same Pods: they would undo each other's work. */
export class Rivals {
  readonly #selectors = new Map<string, { readonly namespace: string; readonly by: LabelMatcher }>()
  readonly #pods: Cache<Pod & KubeObject>

  constructor(pods: Cache<Pod & KubeObject>) {
    this.#pods = pods
  }

  /** Notes what `autoscaler` is about, and says who shares any of it: keys, itself among them. */
  of(autoscaler: KubeObject, selector: string): string[] {
    const { namespace = '' } = autoscaler.metadata
    const by = parseLabelSelector(selector)
    this.#selectors.set(keyOf(autoscaler), { namespace, by })
    const pods = this.#pods.list(namespace).filter(({ metadata }) => by.matches(metadata.labels))
    return [...this.#selectors]
      .filter(([, each]) => each.namespace === namespace)
      .filter(([, each]) => pods.some(({ metadata }) => each.by.matches(metadata.labels)))
      .map(([key]) => key)
  }

  forget(key: string): void {
    this.#selectors.delete(key)
  }
}

import {
  controllerOf,
  LabelMatcher,
  labelSelectorFrom,
  labelsMatcher,
  type Pod,
  type ReplicaSet,
  type ReplicationController,
  type Service,
  type StatefulSet,
} from '@miniplane/api'
import type { Cache } from '@miniplane/client'

export interface SiblingSources {
  readonly services: Cache<Service>
  readonly replicaSets: Cache<ReplicaSet>
  readonly statefulSets: Cache<StatefulSet>
  readonly replicationControllers: Cache<ReplicationController>
}

/** Answers which Pods belong with a Pod; see `Listers.siblings`. */
export function siblingFinder(sources: SiblingSources): (pod: Pod) => LabelMatcher | undefined {
  // A selector is turned into a matcher once a version of its object, not once a Pod.
  const matchers = new WeakMap<object, LabelMatcher>()
  const matcherOf = (object: object, make: () => LabelMatcher): LabelMatcher => {
    let matcher = matchers.get(object)
    if (!matcher) {
      matcher = make()
      matchers.set(object, matcher)
    }
    return matcher
  }
  const ofController = (pod: Pod): LabelMatcher | undefined => {
    const owner = controllerOf(pod)
    const key = `${pod.metadata.namespace}/${owner?.name}`
    switch (owner?.kind) {
      case 'ReplicaSet':
      case 'StatefulSet': {
        const cache = owner.kind === 'ReplicaSet' ? sources.replicaSets : sources.statefulSets
        const set = cache.get(key)
        return set && matcherOf(set, () => labelSelectorFrom(set.spec.selector))
      }
      case 'ReplicationController': {
        const controller = sources.replicationControllers.get(key)
        return controller && matcherOf(controller, () => labelsMatcher(controller.spec.selector))
      }
      default:
        return undefined
    }
  }
  return (pod) => {
    const found = sources.services
      .list(pod.metadata.namespace ?? '')
      .filter(({ spec }) => spec.selector && Object.keys(spec.selector).length > 0)
      .map((service) => matcherOf(service, () => labelsMatcher(service.spec.selector)))
      .filter((matcher) => matcher.matches(pod.metadata.labels))
    const own = ofController(pod)
    if (own) found.push(own)
    if (found.length <= 1) return found[0]
    return new LabelMatcher(found.flatMap(({ requirements }) => requirements))
  }
}

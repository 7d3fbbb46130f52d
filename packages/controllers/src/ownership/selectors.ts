import type { KubeObject, LabelMatcher } from '@miniplane/api'

/**
 * Remembers what an object's selector comes to for as long as the object lives: it is asked at
 * every change of every Pod. A selector that is none (the server refuses those) selects nothing.
 */
export function rememberedSelector<T extends KubeObject>(
  selectorOf: (object: T) => LabelMatcher,
): (object: T) => LabelMatcher {
  const known = new WeakMap<T, LabelMatcher>()
  return (object) => {
    let matcher = known.get(object)
    if (matcher === undefined) {
      matcher = selectorOf(object)
      known.set(object, matcher)
    }
    return matcher
  }
}

import { type Clock, controllerOf, type KubeObject, type Pod } from '@miniplane/api'
import type { Change } from '../manager/controller.js'

/** Longer than any cache lags; after this a lost watch event no longer blocks its owner. */
const EXPECTATION_TTL_MS = 5 * 60_000

interface Expected {
  creations: number
  /** uids of what was asked to be deleted and is not seen deleted yet. */
  readonly deletions: Set<string>
  readonly sinceMs: number
}

/**
 * What an owner has asked for and its cache has not shown yet. While something is expected the
 * count in the cache is not the truth, and acting on it would create or delete twice.
 */
export class Expectations {
  readonly #clock: Clock
  readonly #byOwner = new Map<string, Expected>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isFulfilled(owner: string): boolean {
    const expected = this.#byOwner.get(owner)
    if (expected === undefined) return true
    if (expected.creations <= 0 && expected.deletions.size === 0) return true
    return this.#clock.monotonic() - expected.sinceMs > EXPECTATION_TTL_MS
  }

  /** Before the requests go out: their events may come first. */
  expectCreations(owner: string, count: number): void {
    this.expect(owner, count, [])
  }

  expectDeletions(owner: string, uids: Iterable<string>): void {
    this.expect(owner, 0, uids)
  }

  expect(owner: string, creations: number, deletions: Iterable<string>): void {
    this.#byOwner.set(owner, {
      creations,
      deletions: new Set(deletions),
      sinceMs: this.#clock.monotonic(),
    })
  }

  /** Seen in the cache, or known never to come. */
  creationsObserved(owner: string, count = 1): void {
    const expected = this.#byOwner.get(owner)
    if (expected !== undefined) expected.creations -= count
  }

  deletionObserved(owner: string, uid: string): void {
    this.#byOwner.get(owner)?.deletions.delete(uid)
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner)
  }
}

/** A creation is seen when the Pod is; a deletion as soon as it has begun. */
export function observePod(
  { type, object }: Change<Pod & KubeObject>,
  expectations: Expectations,
): void {
  const owner = controllerOf(object)?.uid
  if (owner === undefined) return
  if (type === 'added') expectations.creationsObserved(owner)
  if (type === 'deleted' || object.metadata.deletionTimestamp !== undefined) {
    expectations.deletionObserved(owner, object.metadata.uid ?? '')
  }
}

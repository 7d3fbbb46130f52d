import type { Clock } from '@miniplane/api'
import { limits } from '../limits.js'

interface Group {
  /** Distinct messages seen in the current window. */
  readonly messages: Set<string>
  sinceMs: number
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** What is to be done with one more event. */
export type Verdict =
  | { readonly action: 'drop' }
  /** `key` is the same for events that count up one another. */
  | {
      readonly action: 'write'
      readonly key: string
      readonly message: string
      /** It stands for many. */
      readonly isCombined?: true
    }

/**
 * Keeps repeating events from flooding the store, the way client-go does: the same event again
 * counts up; the tenth that differs in its message only is folded into one with all that follow; and a source
 * that goes on about one object is cut off, to one event in five minutes.
 */
export class EventCorrelator {
  readonly #clock: Clock
  readonly #groups = new Map<string, Group>()
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `about` names source and object, `kind` type and reason. */
  judge(about: string, kind: string, message: string): Verdict {
    if (!this.#takeToken(about)) return { action: 'drop' }
    const groupKey = `${about}|${kind}`
    const group = this.#groupOf(groupKey)
    group.messages.add(message)
    if (group.messages.size < limits.eventAggregateMax) {
      return { action: 'write', key: `${groupKey}|${message}`, message }
    }
    group.messages.delete(message)
    return {
      action: 'write',
      key: groupKey,
      message: `(combined from similar events): ${message}`,
      isCombined: true,
    }
  }

  #groupOf(key: string): Group {
    const nowMs = this.#clock.monotonic()
    const group = this.#groups.get(key)
    if (group !== undefined && nowMs - group.sinceMs <= limits.eventAggregateWindowMs) {
      group.sinceMs = nowMs
      return group
    }
    const fresh = { messages: new Set<string>(), sinceMs: nowMs }
    remember(this.#groups, key, fresh)
    return fresh
  }

  #takeToken(about: string): boolean {
    const nowMs = this.#clock.monotonic()
    const bucket = this.#buckets.get(about) ?? { tokens: limits.eventBurst, filledAtMs: nowMs }
    const earned = (nowMs - bucket.filledAtMs) / limits.eventRefillMs
    bucket.tokens = Math.min(limits.eventBurst, bucket.tokens + earned)
    bucket.filledAtMs = nowMs
    remember(this.#buckets, about, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

/** Keeps the most recently used entries of a bounded map. */
export function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= limits.eventCacheMax) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}

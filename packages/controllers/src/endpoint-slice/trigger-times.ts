import { findCondition, type KubeObject, type Pod, parseTime } from '@miniplane/api'

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

/** A change without a time takes that of the one before it away. */
export function withTriggerTime(
  annotations: Readonly<Record<string, string>> = {},
  time: string | undefined,
): Record<string, string> {
  const { [TRIGGER_TIME]: _before, ...others } = annotations
  return time === undefined ? others : { ...others, [TRIGGER_TIME]: time }
}

interface Seen {
  readonly service: number
  readonly pods: ReadonlyMap<string, number>
}

/**
 * When that happened which changes a Service's endpoints, so that others can measure how long it took
 * to become known. Undefined when the cause has no time of its own: a new label, a new port.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /** Call it each time, also when there is nothing to write: it remembers what it has told. */
  next(key: string, service: KubeObject, pods: readonly (Pod & KubeObject)[]): string | undefined {
    const before = this.#seen.get(key)
    const created = service.metadata.creationTimestamp ?? undefined
    const turns = pods.flatMap(({ metadata, status }) => {
      const time = findCondition(status.conditions, 'Ready')?.lastTransitionTime
      return time ? [[metadata.name ?? '', time] as const] : []
    })
    const after = {
      service: msOf(created),
      pods: new Map(turns.map(([name, time]) => [name, msOf(time)])),
    }
    this.#seen.set(key, after)
    const news = turns
      .filter(([name, time]) => msOf(time) > (before?.pods.get(name) ?? 0))
      .map(([, time]) => time)
    if (created && after.service > (before?.service ?? 0)) news.push(created)
    return news.sort((a, b) => msOf(a) - msOf(b))[0]
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

const msOf = (time: string | undefined): number => (time ? parseTime(time) : 0)

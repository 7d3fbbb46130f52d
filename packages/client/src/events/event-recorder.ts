import {
  type Clock,
  type coreV1,
  type eventsV1,
  formatMicroTime,
  formatTime,
  isStatusError,
  type KubeObject,
} from '@miniplane/api'
import type { Client } from '../client.js'
import { limits } from '../limits.js'
import type { Log } from '../log.js'
import { resources } from '../resources.js'
import { EventCorrelator, remember, type Verdict } from './correlator.js'
import { type EventDetails, type EventSource, objectReference } from './event-source.js'

/** An event that was written, so that the next one like it only counts up. */
interface Written {
  readonly name: string
  readonly namespace: string
  count: number
}

interface Reported extends EventDetails {
  readonly isCombined: boolean
}

/**
 * Writes events about objects. Best effort, as events are everywhere in Kubernetes: `event` never
 * waits and never throws; what can't be written is logged and dropped.
 */
export class EventRecorder {
  readonly #client: Client
  readonly #source: EventSource
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #correlator: EventCorrelator
  readonly #written = new Map<string, Written>()
  /** One after the other, so that a count follows the event it counts up. */
  #last: Promise<void> = Promise.resolve()
  #queued = 0
  #serial = 0

  constructor(
    client: Client,
    options: EventSource & { readonly clock: Clock; readonly log?: Log },
  ) {
    this.#client = client
    this.#source = options
    this.#clock = options.clock
    this.#log = options.log
    this.#correlator = new EventCorrelator(options.clock)
  }

  /** Reports what happened to `object`, which must carry kind and apiVersion. */
  event(object: KubeObject, details: EventDetails, client: Client = this.#client): void {
    this.eventFor(objectReference(object), details, client)
  }

  /** The same, about a reference: a container of a Pod, an object that is gone. */
  eventFor(
    about: coreV1.ObjectReference,
    details: EventDetails,
    client: Client = this.#client,
  ): void {
    if (this.#queued >= limits.eventsQueuedMax) {
      this.#log?.warn('too many events are waiting: one was dropped', { reason: details.reason })
      return
    }
    const verdict = this.#judge(about, details)
    if (verdict.action === 'drop') return
    const nowMs = this.#clock.now()
    const { key, message, isCombined = false } = verdict
    this.#queued++
    this.#last = this.#last
      .then(() => this.#write(client, key, about, { ...details, message, isCombined }, nowMs))
      .catch((error: unknown) => {
        this.#log?.debug('an event could not be written', { reason: details.reason, error })
      })
      .finally(() => {
        this.#queued--
      })
  }

  /** Events of the newer style are the same while the object stays as it is; all are written. */
  #judge(about: coreV1.ObjectReference, { type, reason, action, message }: EventDetails): Verdict {
    const { component, style } = this.#source
    const { kind, namespace, name, uid, fieldPath = '', resourceVersion } = about
    const source = [component, kind, namespace, name, uid, fieldPath].join('|')
    if (style !== 'events.k8s.io')
      return this.#correlator.judge(source, `${type}|${reason}`, message)
    const key = [source, resourceVersion, type, reason, action].join('|')
    return { action: 'write', key, message }
  }

  /** Resolves when what was reported so far is written or given up. */
  flush(): Promise<void> {
    return this.#last
  }

  async #write(
    client: Client,
    key: string,
    about: coreV1.ObjectReference,
    details: Reported,
    nowMs: number,
  ): Promise<void> {
    const earlier = this.#written.get(key)
    if (earlier !== undefined && (await this.#countUp(client, earlier, details, nowMs))) return
    const namespace = about.namespace || 'default'
    const name = await this.#create(client, namespace, about, details, nowMs)
    remember(this.#written, key, { name, namespace, count: 1 })
  }

  /** Returns the name. Another recorder may have taken it, about an object of the same name. */
  async #create(
    client: Client,
    namespace: string,
    about: coreV1.ObjectReference,
    details: Reported,
    nowMs: number,
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      const name = `${about.name}.${this.#suffix(nowMs)}`
      try {
        if (this.#source.style === 'events.k8s.io') {
          const event = this.#newEvent(name, namespace, about, details, nowMs)
          await client.of(resources.eventsV1).create(event)
        } else {
          const event = this.#coreEvent(name, namespace, about, details, nowMs)
          await client.of(resources.events).create(event)
        }
        return name
      } catch (error) {
        const isTaken = isStatusError(error, 'AlreadyExists')
        if (!isTaken || attempt >= limits.eventNameAttemptsMax) throw error
      }
    }
  }

  /** False when the earlier event is gone, and a new one is needed. */
  async #countUp(
    client: Client,
    earlier: Written,
    { message }: EventDetails,
    nowMs: number,
  ): Promise<boolean> {
    const count = earlier.count + 1
    const patch =
      this.#source.style === 'events.k8s.io'
        ? { series: { count, lastObservedTime: formatMicroTime(nowMs) } }
        : { count, message, lastTimestamp: formatTime(nowMs) }
    const ref = this.#source.style === 'events.k8s.io' ? resources.eventsV1 : resources.events
    try {
      await client
        .of<KubeObject>(ref)
        .patch(earlier.name, patch, { type: 'strategic', namespace: earlier.namespace })
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return false
      throw error
    }
    earlier.count = count
    return true
  }

  /** As client-go names events: the moment in nanoseconds, in hex; a recorder never repeats one. */
  #suffix(nowMs: number): string {
    const nanoseconds = BigInt(Math.floor(nowMs * 1000)) * 1000n + BigInt(this.#serial++ % 1000)
    return nanoseconds.toString(16).padStart(16, '0')
  }

  #coreEvent(
    name: string,
    namespace: string,
    about: coreV1.ObjectReference,
    details: Reported,
    nowMs: number,
  ): coreV1.Event & KubeObject {
    const { component, host } = this.#source
    const time = formatTime(nowMs)
    return {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name, namespace },
      involvedObject: about,
      reason: details.reason,
      message: details.message,
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type: details.type,
      eventTime: null,
      // Who combines events forgets to say it: the source is all that is left of the reporter.
      reportingComponent: details.isCombined ? '' : component,
      reportingInstance: host ?? '',
      ...(details.related === undefined ? {} : { related: details.related }),
    }
  }

  #newEvent(
    name: string,
    namespace: string,
    about: coreV1.ObjectReference,
    details: Reported,
    nowMs: number,
  ): eventsV1.Event & KubeObject {
    const { component, host } = this.#source
    return {
      kind: 'Event',
      apiVersion: 'events.k8s.io/v1',
      metadata: { name, namespace },
      eventTime: formatMicroTime(nowMs),
      reportingController: component,
      reportingInstance: host ?? component,
      action: details.action ?? details.reason,
      reason: details.reason,
      regarding: about,
      note: details.message,
      deprecatedSource: {},
      type: details.type,
      ...(details.related === undefined ? {} : { related: details.related }),
    }
  }
}

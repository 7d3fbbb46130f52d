import {
  type Cause,
  type Clock,
  isStatusError,
  type KubeObject,
  type Ledger,
  type Random,
  type Trigger,
} from '@miniplane/api'
import {
  Client,
  EventRecorder,
  type InformerFactory,
  keyOf,
  type Log,
  type ResourceRef,
  referenceOf,
  type Transport,
  type WorkItem,
  Workqueue,
} from '@miniplane/client'
import type { EveryResource } from '../every-resource/every-resource.js'
import type {
  Certify,
  Change,
  Controller,
  Outcome,
  RunningController,
  SignSecretToken,
  Work,
} from './controller.js'
import { limits } from './limits.js'
import { isNamespaceTerminating } from './namespace-terminating.js'

export interface Plane {
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  readonly informers: InformerFactory
  readonly everyResource: EveryResource
  readonly rootCertificate: string | undefined
  readonly certify: Certify | undefined
  readonly signSecretToken: SignSecretToken | undefined
}

/** One controller at work: its queue, its workers, and what its handlers are connected to. */
export class ControllerRun {
  readonly #controller: Controller
  readonly #plane: Plane
  readonly #client: Client
  readonly #queue: Workqueue
  readonly #recorder: EventRecorder
  readonly #running: RunningController
  readonly #disconnect: (() => void)[]
  #workers: Promise<void>[] = []

  constructor(controller: Controller, transport: Transport, plane: Plane) {
    this.#controller = controller
    this.#plane = plane
    this.#client = new Client(transport)
    this.#queue = new Workqueue({ ...plane, pauses: controller.pauses })
    const { name, eventSource = name } = controller
    this.#recorder = new EventRecorder(this.#client, { ...plane, component: eventSource })
    this.#running = controller.start({
      ...plane,
      client: this.#client,
      informer: (ref) => plane.informers.informer(ref),
      queue: this.#queue,
    })
    this.#disconnect = this.#running.watches.map(({ ref, keysFor }) => this.#follow(ref, keysFor))
  }

  /** Call once the caches are filled. */
  async work(): Promise<void> {
    await this.#running.synced?.()
    const count = this.#controller.workers ?? limits.workersPerController
    this.#workers = Array.from({ length: count }, () => this.#workLoop())
  }

  /** Resolves when the last reconcile has ended. */
  async stop(): Promise<void> {
    for (const disconnect of this.#disconnect) disconnect()
    this.#queue.shutDown()
    this.#running.stop?.()
    await Promise.all(this.#workers)
  }

  #follow(ref: ResourceRef, keysFor: (change: Change) => Iterable<string>): () => void {
    const resource = `${ref.group}/${ref.resource}`
    const enqueue = (change: Change) => {
      let trigger: Trigger | undefined
      for (const key of keysFor(change)) {
        trigger ??= triggerOf(resource, change.object)
        this.#queue.add(key, trigger)
      }
    }
    return this.#plane.informers.informer(ref).addHandler({
      onAdd: (object) => enqueue({ type: 'added', object }),
      onUpdate: (old, object) => enqueue({ type: 'updated', object, old }),
      onDelete: (object) => enqueue({ type: 'deleted', object }),
    })
  }

  async #workLoop(): Promise<void> {
    for (let item = await this.#queue.get(); item; item = await this.#queue.get()) {
      await this.#reconcile(item)
      this.#queue.done(item.key)
    }
  }

  /** Never throws: a bug in one reconcile must not end the worker. */
  async #reconcile(item: WorkItem): Promise<void> {
    try {
      const outcome = await this.#running.reconcile(item.key, this.#workFor(item))
      this.#queue.forget(item.key)
      if (outcome !== undefined) this.#carryOut(item.key, outcome)
    } catch (error) {
      if (this.#queue.isShutDown || isNamespaceTerminating(error)) return
      this.#report(item.key, error)
      this.#queue.addRateLimited(item.key, item.triggers.at(-1))
    }
  }

  #workFor({ key, triggers }: WorkItem): Work {
    const cause: Cause = { actor: this.#controller.name, workItem: key, triggers }
    const client = this.#client.withCause(cause)
    const recorder = this.#recorder
    return {
      client,
      triggers,
      event: (object, kind, details) =>
        recorder.eventFor(referenceOf(object, kind), details, client),
    }
  }

  #carryOut(key: string, outcome: Outcome): void {
    if ('requeueAfterMs' in outcome) this.#queue.addAfter(key, outcome.requeueAfterMs)
    else
      this.#plane.log.debug(`${this.#controller.name} gave up on ${key}`, {
        reason: outcome.giveUp,
      })
  }

  #report(key: string, error: unknown): void {
    const what = `${this.#controller.name} could not reconcile ${key}, trying again`
    // The cache was behind the server, or someone else was faster: the next try sees their work.
    const isExpected = isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound')
    const details = { error, failures: this.#queue.failures(key) + 1 }
    if (isExpected) this.#plane.log.debug(what, details)
    else this.#plane.log.warn(what, details)
  }
}

const triggerOf = (resource: string, object: KubeObject): Trigger => ({
  resource,
  key: keyOf(object),
  revision: object.metadata.resourceVersion ?? '',
})

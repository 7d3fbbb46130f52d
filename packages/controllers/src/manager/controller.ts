import type { Clock, GroupVersionKind, KubeObject, Ledger, Random, Trigger } from '@miniplane/api'
import type { Client, EventDetails, Informer, Log, ResourceRef } from '@miniplane/client'
import type { EveryResource } from '../every-resource/every-resource.js'

/**
 * One control loop, in the one shape that all of them have: changes only queue keys, and
 * `reconcile(key)` compares what is wanted with what is there and closes the gap.
 */
export interface Controller {
  /** Actor, user agent and, by default, source of events: `deployment-controller`. */
  readonly name: string
  /**
   * Whom it acts as: the account in `kube-system` whose role it needs; default: its name. Null: the
   * manager itself.
   */
  readonly serviceAccount?: string | null
  /** Source of its events where that has a name of its own. */
  readonly eventSource?: string
  /** Between tries of what failed; default: the workqueue's. */
  readonly pauses?: { readonly firstMs: number; readonly maxMs: number }
  /** Keys reconciled at the same time; default `limits.workersPerController`. */
  readonly workers?: number
  /** Called once a plane; whatever the controller remembers lives in what it returns. */
  start(context: ControllerContext): RunningController
}

export interface RunningController {
  readonly watches: readonly Watch[]
  /** Before the first reconcile, once the caches of `watches` are filled. */
  synced?(): void | Promise<void>
  readonly reconcile: Reconcile
  stop?(): void
}

/** What a controller is handed. Objects in caches are shared and must not be written to. */
export interface ControllerContext {
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  /** For requests outside a reconcile; inside one, `Work.client` names the cause. */
  readonly client: Client
  /** The plane's shared read copy of a resource. */
  informer<T extends KubeObject>(ref: ResourceRef<T>): Informer<T>
  /** For controllers that concern every kind there is. */
  readonly everyResource: EveryResource
  readonly queue: KeyQueue
  /** PEM of the authority that clients of the API server should trust, if it serves HTTPS. */
  readonly rootCertificate: string | undefined
  /** Signs certificates with that authority; undefined when there is none. */
  readonly certify: Certify | undefined
  /** Signs what goes into Secrets of service accounts; undefined when nobody can. */
  readonly signSecretToken: SignSecretToken | undefined
}

/** A token for the account that lasts as long as the Secret holds it. */
export type SignSecretToken = (order: {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly secretName: string
}) => Promise<string>

/** PEM of a certificate for a PKCS #10 request that somebody has approved. */
export type Certify = (order: {
  readonly requestPem: string
  readonly usages: readonly string[]
  readonly notBeforeMs: number
  readonly notAfterMs: number
}) => string

export interface KeyQueue {
  add(key: string, trigger?: Trigger): void
  /** The earliest of several delays counts. */
  addAfter(key: string, delayMs: number): void
}

/**
 * Idempotent. It learns which object to look at, never what happened to it. A throw means "again,
 * with back-off"; `requeueAfter` is for time, never for errors; `giveUp` means "not before the
 * next event".
 */
export type Reconcile = (key: string, work: Work) => Promise<Outcome | undefined>

/** One reconcile's own things. */
export interface Work {
  /** Every request through it carries the work item as its cause. */
  readonly client: Client
  readonly triggers: readonly Trigger[]
  /** Reports what happened to `object`; best effort, never waits. */
  event(object: KubeObject, kind: GroupVersionKind, details: EventDetails): void
}

export type Outcome = { readonly requeueAfterMs: number } | { readonly giveUp: string }

export const requeueAfter = (delayMs: number): Outcome => ({ requeueAfterMs: delayMs })

export const giveUp = (reason: string): Outcome => ({ giveUp: reason })

/** Which keys a change of a resource queues. */
export interface Watch {
  readonly ref: ResourceRef
  keysFor(change: Change): Iterable<string>
}

export interface Change<T extends KubeObject = KubeObject> {
  readonly type: 'added' | 'updated' | 'deleted'
  readonly object: T
  /** The state before an update. */
  readonly old?: T
}

/** Typed way to write a `Watch`. */
export function watch<T extends KubeObject>(
  ref: ResourceRef<T>,
  keysFor: (change: Change<T>) => Iterable<string>,
): Watch {
  return { ref: ref as ResourceRef, keysFor: keysFor as Watch['keysFor'] }
}

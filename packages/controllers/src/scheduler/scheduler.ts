import {
  type Cause,
  type Clock,
  isStatusError,
  type KubeObject,
  type Ledger,
  type PodDisruptionBudget,
  type Random,
} from '@miniplane/api'
import {
  Client,
  EventRecorder,
  InformerFactory,
  type Log,
  type ResourceRef,
  resources,
  type Transport,
} from '@miniplane/client'
import { type CycleResult, type NotPlaced, schedulePod } from './cycle.js'
import { DecisionLog, failedDecision, placedDecision } from './decision.js'
import { fitMessage } from './framework/fit-message.js'
import { defaultProfile, type Profile } from './framework/profile.js'
import { limits } from './limits.js'
import { observeCluster } from './observe.js'
import { podReference } from './pod-reference.js'
import { evictVictims } from './preemption/evict.js'
import { Nominations } from './preemption/nominations.js'
import { type Preemption, planPreemption } from './preemption/preempt.js'
import type { QueuedPod } from './queue/queued-pod.js'
import { SchedulingQueue } from './queue/scheduling-queue.js'
import { reportExpectedNode, reportFailure } from './report.js'
import { ClusterCache } from './snapshot/cluster-cache.js'
import type { Listers } from './snapshot/cluster-view.js'
import type { PodInfo } from './snapshot/pod-info.js'
import { siblingFinder } from './snapshot/siblings.js'
import { type PendingBinding, PendingBindings } from './volumes/pending-bindings.js'
import { VolumeBinder, type VolumeWrites } from './volumes/volume-binder.js'

export interface SchedulerOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  /** Pods that name it in `spec.schedulerName` are this scheduler's. Default: `default-scheduler`. */
  readonly schedulerName?: string
  readonly profile?: Profile
}

const VOLUMES_LATE =
  'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded'

/** Starts a scheduler. It looks at Pods only after its caches are filled. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const scheduler = new Scheduler(options)
  scheduler.start()
  return scheduler
}

/**
 * Gives every Pod a node: queue → cycle (filter, score, select) → assume → bind. A cycle never
 * waits: it decides on what the caches hold. Bindings and reports go on beside it.
 */
export class Scheduler {
  /** Why every Pod went where it went, or nowhere. */
  readonly decisions = new DecisionLog()
  readonly #options: SchedulerOptions
  readonly #schedulerName: string
  readonly #profile: Profile
  readonly #client: Client
  readonly #informers: InformerFactory
  readonly #recorder: EventRecorder
  readonly #cluster: ClusterCache
  readonly #queue: SchedulingQueue
  readonly #nominations = new Nominations()
  readonly #budgets: () => readonly PodDisruptionBudget[]
  readonly #volumes: VolumeBinder
  readonly #pending: PendingBindings
  #bindingsInFlight = 0
  #startIndex = 0
  #isTurnPlanned = false
  #isRunning = false

  constructor(options: SchedulerOptions) {
    const { transport, clock, ledger, log } = options
    this.#options = options
    this.#schedulerName = options.schedulerName ?? 'default-scheduler'
    this.#profile = options.profile ?? defaultProfile
    this.#client = new Client(transport)
    this.#informers = new InformerFactory(this.#client, { clock, ledger, log })
    this.#recorder = new EventRecorder(this.#client, {
      component: this.#schedulerName,
      style: 'events.k8s.io',
      clock,
      log,
    })
    this.#volumes = new VolumeBinder(
      this.#informers.informer(resources.persistentVolumes).cache,
      this.#informers.informer(resources.persistentVolumeClaims).cache,
    )
    this.#pending = new PendingBindings({
      clock,
      isBound: (pod) => this.#volumes.isBound(pod),
      onBound: (pending) => this.#onVolumesBound(pending),
      onTimeout: (pending) => this.#onVolumesLate(pending),
    })
    this.#cluster = new ClusterCache(this.#listers())
    this.#queue = new SchedulingQueue({
      clock,
      ledger,
      retryOn: new Map(this.#profile.filters.map(({ name, retryOn }) => [name, retryOn])),
      mayHelp: (name, pod, changed) => {
        const plugin = this.#profile.filters.find((filter) => filter.name === name)
        return plugin?.mayHelp?.(pod, changed, this.#cluster) ?? true
      },
      onReady: () => this.#planTurn(),
    })
    const budgets = this.#informers.informer<PodDisruptionBudget>(resources.podDisruptionBudgets)
    this.#budgets = () => budgets.cache.list()
  }

  start(): void {
    observeCluster(this.#informers, {
      cluster: this.#cluster,
      queue: this.#queue,
      nominations: this.#nominations,
      schedulerName: this.#schedulerName,
    })
    this.#observePending()
    this.#informers.start()
    void this.#informers.waitForSync().then(() => {
      this.#isRunning = true
      this.#planTurn()
    })
  }

  /** Takes no more Pods on; bindings under way come to their end by themselves. */
  stop(): void {
    this.#isRunning = false
    this.#informers.stop()
    this.#queue.close()
    this.#pending.close()
  }

  /** After whoever told us is done: often it is the server, in the middle of a write. */
  #planTurn(): void {
    if (this.#isTurnPlanned || !this.#isRunning) return
    this.#isTurnPlanned = true
    queueMicrotask(() => this.#takeTurn())
  }

  /** Schedules some Pods; what comes of them plans the next turn, so that others get theirs. */
  #takeTurn(): void {
    this.#isTurnPlanned = false
    for (let taken = 0; taken < limits.podsPerTurnMax; ) {
      if (!this.#isRunning || this.#bindingsInFlight >= limits.bindingsInFlightMax) return
      const queued = this.#queue.pop()
      if (!queued) return
      if (queued.info.isTerminating) this.#queue.delete(queued.info.uid)
      else {
        this.#scheduleOne(queued)
        taken++
      }
    }
  }

  #scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    const cause: Cause = {
      actor: this.#schedulerName,
      workItem: info.key,
      triggers: queued.takeTriggers(),
    }
    this.#count(info, this.#decide(queued, cause))
  }

  /** Work under way, until it is done or waits for somebody else. */
  #count(info: PodInfo, work: Promise<void>): void {
    const { ledger, log } = this.#options
    ledger.begin('reconcile')
    work
      .catch((error: unknown) => log.error(`scheduling pod ${info.key} failed`, { error }))
      .finally(() => {
        this.#planTurn()
        ledger.end('reconcile')
      })
  }

  /** The decision itself is made at once; the promise is for what it leads to. */
  async #decide(queued: QueuedPod, cause: Cause): Promise<void> {
    const { info } = queued
    let result: CycleResult
    try {
      result = schedulePod({
        pod: info,
        cluster: this.#cluster,
        profile: this.#profile,
        nominations: this.#nominations,
        random: this.#options.random,
        startIndex: this.#startIndex,
      })
    } catch (error) {
      return this.#onError(queued, error, cause)
    }
    this.#startIndex = (this.#startIndex + result.evaluated) % (this.#cluster.nodes.length || 1)
    if (result.nodeName === undefined) return this.#onNoFit(queued, result, cause)
    this.decisions.add(placedDecision(queued, result, this.#options.clock.now()))
    this.#nominations.delete(info.uid)
    const { nodeName } = result
    const node = this.#cluster.node(nodeName)?.node
    const writes = node && this.#volumes.assume(info.pod, node, this.#cluster)
    this.#cluster.assume(info, nodeName)
    if (writes) await this.#bindVolumes(queued, writes, nodeName, cause)
    else await this.#bind(queued, nodeName, cause)
  }

  /** The Pod itself follows when its claims have their volumes. */
  async #bindVolumes(
    queued: QueuedPod,
    writes: VolumeWrites,
    nodeName: string,
    cause: Cause,
  ): Promise<void> {
    const client = this.#client.withCause(cause)
    try {
      await reportExpectedNode(queued.info, nodeName, client)
      await this.#volumes.write(writes, client)
    } catch (error) {
      this.#volumes.forget(writes)
      this.#cluster.forget(queued.info.uid)
      return this.#onError(queued, error, cause)
    }
    if (this.#volumes.isBound(queued.info.pod)) await this.#bind(queued, nodeName, cause)
    else this.#pending.add({ queued, nodeName, cause })
  }

  #observePending(): void {
    const look = () => this.#pending.look()
    this.#informers
      .informer(resources.persistentVolumeClaims)
      .addHandler({ onAdd: look, onUpdate: look })
    this.#informers
      .informer(resources.pods)
      .addHandler({ onDelete: ({ metadata }) => this.#pending.delete(metadata.uid ?? '') })
  }

  #onVolumesBound({ queued, nodeName, cause }: PendingBinding): void {
    this.#count(queued.info, this.#bind(queued, nodeName, cause))
  }

  #onVolumesLate({ queued, cause }: PendingBinding): void {
    this.#cluster.forget(queued.info.uid)
    this.#count(queued.info, this.#onError(queued, new Error(VOLUMES_LATE), cause))
  }

  async #bind(queued: QueuedPod, nodeName: string, cause: Cause): Promise<void> {
    const { info } = queued
    const { name = '', namespace = '', uid = '' } = info.pod.metadata
    this.#bindingsInFlight++
    try {
      await this.#client
        .withCause(cause)
        .of(resources.pods)
        .createSubresource(
          name,
          'binding',
          {
            kind: 'Binding',
            apiVersion: 'v1',
            metadata: { name, namespace, uid },
            target: { kind: 'Node', name: nodeName },
          },
          { namespace },
        )
    } catch (error) {
      this.#cluster.forget(uid)
      if (isStatusError(error, 'NotFound')) this.#queue.delete(uid)
      else await this.#onError(queued, error, cause)
      return
    } finally {
      this.#bindingsInFlight--
    }
    this.#queue.delete(uid)
    this.#recorder.eventFor(podReference(info.pod), {
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      message: `Successfully assigned ${info.key} to ${nodeName}`,
    })
  }

  async #onNoFit(queued: QueuedPod, result: NotPlaced, cause: Cause): Promise<void> {
    const { info } = queued
    const preemption = this.#planPreemption(info, result)
    const victims = preemption && 'victims' in preemption ? preemption.victims : undefined
    const failure = {
      reason: 'Unschedulable' as const,
      message: this.#explain(result, preemption),
      // Room that preemption did not find again is no longer promised.
      ...(preemption ? { nominatedNodeName: victims?.node ?? '' } : {}),
    }
    const { nominatedNodeName } = failure
    this.decisions.add(failedDecision(queued, result, failure, this.#options.clock.now()))
    if (nominatedNodeName) this.#nominations.set(info, nominatedNodeName)
    else this.#nominations.delete(info.uid)
    // Before anything is evicted: the eviction is the event that it waits for.
    this.#queue.unschedulable(queued, refusers(result))
    const { clock, log } = this.#options
    const context = { client: this.#client, clock, log, recorder: this.#recorder }
    await reportFailure(info, failure, cause, context)
    if (!victims) return
    const schedulerName = this.#schedulerName
    await evictVictims(victims, info, cause, { ...context, schedulerName })
  }

  #planPreemption(pod: PodInfo, result: NotPlaced): Preemption | undefined {
    if (result.rejection || this.#cluster.nodes.length === 0) return undefined
    return planPreemption({
      pod,
      cluster: this.#cluster,
      filters: this.#profile.filters,
      refusals: result.refusals,
      budgets: this.#budgets(),
      random: this.#options.random,
    })
  }

  /** The words of FailedScheduling. */
  #explain(result: NotPlaced, preemption: Preemption | undefined): string {
    const { nodes } = this.#cluster
    if (nodes.length === 0) return 'no nodes available to schedule pods'
    const reasons = [...result.refusals.values()].map(({ refusal }) => refusal.reasons)
    const message = fitMessage(nodes.length, reasons, result.rejection)
    // What the real scheduler's look for claims to free comes to when a Pod was rejected outright.
    if (!preemption) return `${message} not found`
    if ('victims' in preemption) return message
    return `${message} no new claims to deallocate, preemption: ${preemption.message}`
  }

  async #onError(queued: QueuedPod, error: unknown, cause: Cause): Promise<void> {
    const message = error instanceof Error ? error.message : String(error)
    const { clock, log } = this.#options
    log.warn(`pod ${queued.info.key} could not be scheduled`, { error })
    this.#queue.failed(queued)
    const context = { client: this.#client, clock, log, recorder: this.#recorder }
    await reportFailure(queued.info, { reason: 'SchedulerError', message }, cause, context)
  }

  #listers(): Listers {
    const cacheOf = <T extends KubeObject>(ref: ResourceRef<T>) =>
      this.#informers.informer(ref).cache
    const namespaces = cacheOf(resources.namespaces)
    const storageClasses = cacheOf(resources.storageClasses)
    const csiNodes = cacheOf(resources.csiNodes)
    return {
      namespaceLabels: (namespace) => namespaces.get(namespace)?.metadata.labels ?? {},
      claim: (namespace, name) => this.#volumes.claims.get(`${namespace}/${name}`),
      volume: (name) => this.#volumes.volumes.get(name),
      volumes: () => this.#volumes.volumes.list(),
      storageClass: (name) => storageClasses.get(name),
      csiNode: (name) => csiNodes.get(name),
      siblings: siblingFinder({
        services: cacheOf(resources.services),
        replicaSets: cacheOf(resources.replicaSets),
        statefulSets: cacheOf(resources.statefulSets),
        replicationControllers: cacheOf(resources.replicationControllers),
      }),
    }
  }
}

/** Whose words count when something changes. */
const refusers = ({ rejection, refusals }: NotPlaced): ReadonlySet<string> =>
  new Set([
    ...(rejection ? [rejection.plugin] : []),
    ...[...refusals.values()].map((r) => r.plugin),
  ])

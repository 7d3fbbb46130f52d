import {
  type Cause,
  type Clock,
  isEqual,
  isStatusError,
  type Ledger,
  type Pod,
  type Random,
  type Timer,
} from '@miniplane/api'
import { type Client, keyOf, type Log, resources } from '@miniplane/client'
import { limits, timing } from '../limits.js'
import type { WriteGate } from '../node/write-gate.js'
import { advance, kill } from './advance.js'
import type { CommandEnd, ContainerRun } from './container-run.js'
import { type PodRun, podRun, refresh } from './pod-run.js'
import { isOwnCondition, type OwnStatus, ownStatus, podStatus } from './pod-status.js'
import { RunSignals } from './run-signals.js'
import { end } from './transitions.js'

/** What a Pod's worker needs of its node. */
export interface WorkerContext {
  /** `kubelet/node-1` */
  readonly actor: string
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  readonly gate: WriteGate
  readonly hostIP: string
  /** How a container's command ends, looked at until `endMs`; undefined: that isn't known here. */
  commandEnd(
    pod: Pod,
    container: string,
    span: { readonly fromMs: number; readonly endMs: number },
    signal: AbortSignal,
  ): Promise<CommandEnd | undefined>
}

/**
 * Lives one Pod's life on its node: moves its containers on as time passes, tells the API when
 * that changed something, and removes the Pod in the end. One write at a time; whatever happens
 * meanwhile goes with the next.
 */
export class PodWorker {
  readonly uid: string
  readonly podIP: string
  /** For those who talk to its containers. */
  readonly signals = new RunSignals()
  readonly #context: WorkerContext
  readonly #run: PodRun
  #told: OwnStatus
  /** The version that the next write is based on. */
  #revision: string
  #timer: Timer | undefined
  /** Runs whose end is being found out. */
  readonly #finding = new Set<string | undefined>()
  #isWriting = false
  #isStopped = false
  /** When a deleted Pod has stopped. */
  #gone: { readonly atMs: number; isAskedFor: boolean } | undefined

  constructor(pod: Pod, podIP: string, context: WorkerContext) {
    const { clock, hostIP } = context
    this.uid = pod.metadata.uid ?? ''
    this.podIP = podIP
    this.#context = context
    this.#run = podRun({ pod, podIP, hostIP, nowMs: clock.now() })
    this.#told = ownStatus(pod.status)
    this.#revision = pod.metadata.resourceVersion ?? ''
  }

  /** As last seen. */
  get pod(): Pod {
    return this.#run.pod
  }

  container(name: string): ContainerRun | undefined {
    return this.#run.containers.find((one) => one.name === name)
  }

  /** Until the function that it returns is called, the container does not end by itself. */
  hold(container: ContainerRun): () => void {
    container.isHeld = true
    return () => {
      container.isHeld = false
      this.sync()
    }
  }

  /** The container's own process has ended. */
  exit(container: ContainerRun, exitCode: number): void {
    if (container.state.kind === 'running') end(container, exitCode, this.#context.clock.now())
    this.sync()
  }

  update(pod: Pod): void {
    this.#revision = pod.metadata.resourceVersion ?? ''
    refresh(this.#run, pod, this.#context.clock.now())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.signals.abortAll()
  }

  /** Does what is due. Call it after every `update`; a timer of its own does the rest. */
  sync(): void {
    if (this.#isStopped || this.#isWriting) return
    this.#timer?.cancel()
    if (this.#run.pod.metadata.deletionTimestamp !== undefined) this.#terminate()
    else this.#live()
  }

  #live(): void {
    const { clock, random } = this.#context
    const { phase } = this.#told
    if (phase === 'Succeeded' || phase === 'Failed') return
    const nowMs = clock.now()
    const wakeAtMs = advance(this.#run, nowMs, random)
    this.signals.update()
    for (const container of this.#run.containers)
      if (container.end === 'asked') void this.#findEnd(container)
    const status = podStatus(this.#run, this.#told, nowMs)
    if (!isEqual(status, this.#told)) void this.#write(status)
    else if (wakeAtMs !== undefined) this.#wakeAfter(wakeAtMs - nowMs)
  }

  /** Once a run: it is known before the container ends, or nobody knows it. */
  async #findEnd(container: ContainerRun): Promise<void> {
    const { id, sinceMs: fromMs, name, role } = container
    if (this.#finding.has(id)) return
    this.#finding.add(id)
    const { ledger, log, commandEnd } = this.#context
    const { runMs, initRunMs } = this.#run.script
    const saidMs = role === 'init' ? initRunMs : runMs
    const span = { fromMs, endMs: fromMs + (saidMs ?? limits.commandLookedAtMs) }
    ledger.begin('reconcile')
    let found: CommandEnd | undefined
    try {
      found = await commandEnd(this.pod, name, span, this.signals.of(container))
    } catch (error) {
      log.warn(`pod ${keyOf(this.pod)}: how ${name} ends is not known`, { error })
    } finally {
      ledger.end('reconcile')
      this.#finding.delete(id)
    }
    if (container.id !== id) return
    container.end = found
    this.sync()
  }

  /** Containers stop within the grace period, and then the Pod goes. */
  #terminate(): void {
    const { deletionGracePeriodSeconds = 0, finalizers = [] } = this.#run.pod.metadata
    // Zero: nobody waits for us any more, at most for finalizers.
    if (deletionGracePeriodSeconds === 0) return
    const nowMs = this.#context.clock.now()
    const stopMs = Math.min(this.#run.script.stopMs, Number(deletionGracePeriodSeconds) * 1000)
    const atMs = Math.min(this.#gone?.atMs ?? Number.POSITIVE_INFINITY, nowMs + stopMs)
    this.#gone = { atMs, isAskedFor: this.#gone?.isAskedFor ?? false }
    if (atMs > nowMs) {
      this.#wakeAfter(atMs - nowMs)
      return
    }
    // Who holds the Pod by a finalizer wants to see how it ended.
    const isWatched = finalizers.length > 0 && isUnfinished(this.#told)
    if (isWatched) this.#tellEnd(nowMs)
    else if (!this.#gone.isAskedFor) void this.#remove()
  }

  #tellEnd(nowMs: number): void {
    for (const container of this.#run.containers) kill(container, nowMs)
    this.signals.update()
    const status = podStatus(this.#run, this.#told, nowMs)
    const phase = isUnfinished(status) ? 'Failed' : status.phase
    void this.#write(phase === undefined ? status : { ...status, phase })
  }

  #wakeAfter(delayMs: number): void {
    this.#timer = this.#context.clock.setTimer(delayMs, () => this.sync())
  }

  #write(status: OwnStatus): Promise<void> {
    const { name = '', namespace = '', uid } = this.#run.pod.metadata
    const others = (this.#run.pod.status.conditions ?? []).filter((c) => !isOwnCondition(c.type))
    const conditions = [...(status.conditions ?? []), ...others]
    const revision = this.#revision
    const patch = {
      // Other conditions may have been written meanwhile: they must not be lost.
      metadata: { uid, resourceVersion: revision },
      status: { ...status, conditions },
    }
    return this.#send(async (client) => {
      const options = { type: 'merge', namespace, subresource: 'status' } as const
      const written = await client.of(resources.pods).patch(name, patch, options)
      this.#told = status
      // Unless something newer came by the watch while the answer was on its way.
      if (this.#revision === revision) this.#revision = written.metadata.resourceVersion ?? ''
    }, revision)
  }

  #remove(): Promise<void> {
    const { name = '', namespace = '' } = this.#run.pod.metadata
    if (this.#gone) this.#gone.isAskedFor = true
    return this.#send(async (client) => {
      const preconditions = { uid: this.uid }
      await client
        .of(resources.pods)
        .delete(name, { namespace, gracePeriodSeconds: 0, preconditions })
    }, this.#revision)
  }

  /** One request at a time; looks again afterwards, unless the next event will say more. */
  async #send(request: (client: Client) => Promise<void>, revision: string): Promise<void> {
    const { client, gate, ledger, log, actor } = this.#context
    const key = keyOf(this.#run.pod)
    const cause: Cause = { actor, workItem: key, triggers: [{ resource: '/pods', key, revision }] }
    this.#isWriting = true
    ledger.begin('reconcile')
    try {
      await gate.run(() => request(client.withCause(cause)))
      this.#isWriting = false
      this.sync()
    } catch (error) {
      this.#isWriting = false
      if (isStatusError(error, 'NotFound')) this.stop()
      else if (isStatusError(error, 'Conflict')) this.#afterConflict(revision)
      else this.#afterError(error, log)
    } finally {
      ledger.end('reconcile')
    }
  }

  /** The version that was in the way arrives by the watch, or has arrived already. */
  #afterConflict(revision: string): void {
    if (this.#revision !== revision) this.sync()
  }

  #afterError(error: unknown, log: Log): void {
    if (this.#isStopped) return
    if (this.#gone) this.#gone.isAskedFor = false
    log.warn(`pod ${keyOf(this.#run.pod)}: a write failed, trying again`, { error })
    this.#wakeAfter(timing.retryMs)
  }
}

const isUnfinished = ({ phase }: OwnStatus) => phase !== 'Succeeded' && phase !== 'Failed'

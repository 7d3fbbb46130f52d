import {
  type Clock,
  isStatusError,
  type Ledger,
  type Node,
  type NodeConnection,
  type Pod,
  type PodTarget,
  type Random,
  type Timer,
} from '@miniplane/api'
import { type Client, type Log, resources } from '@miniplane/client'
import { timing } from '../limits.js'
import { PodWorker, type WorkerContext } from '../pod/pod-worker.js'
import { Insides } from '../server/insides.js'
import { KubeletServer } from '../server/kubelet-server.js'
import { Heartbeat } from './heartbeat.js'
import {
  healthyConditions,
  type NodeShape,
  nodeAddress,
  nodeObject,
  podCidr,
} from './node-object.js'
import { PodAddresses } from './pod-addresses.js'
import type { WriteGate } from './write-gate.js'

export interface HollowNodeContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
  readonly gate: WriteGate
  /** The Node as last seen. */
  readonly node: () => Node | undefined
}

/** One pretended machine: registers itself, beats, and lives the lives of the Pods bound to it. */
export class HollowNode {
  readonly #shape: NodeShape
  readonly #context: HollowNodeContext
  readonly #worker: WorkerContext
  readonly #workers = new Map<string, PodWorker>()
  /** Workers to look at in the next turn. */
  readonly #due = new Set<PodWorker>()
  readonly #server: KubeletServer
  #addresses: PodAddresses
  #heartbeat: Heartbeat | undefined
  #retry: Timer | undefined
  #isRunning = false

  constructor(shape: NodeShape, context: HollowNodeContext) {
    const { client, clock, random, ledger, log, gate } = context
    this.#shape = shape
    this.#context = context
    this.#addresses = new PodAddresses(podCidr(shape.index))
    const hostIP = nodeAddress(shape.index)
    const actor = `kubelet/${shape.name}`
    const insides = new Insides({ client, clock })
    const commandEnd: WorkerContext['commandEnd'] = (...asked) => insides.commandEnd(...asked)
    this.#worker = { actor, client, clock, random, ledger, log, gate, hostIP, commandEnd }
    const find = (target: PodTarget) => this.#workerOf(target)
    const pods = () => [...this.#workers.values()].map(({ pod }) => pod)
    this.#server = new KubeletServer({ client, clock, random, log, find, pods, insides })
  }

  /** Where the API server asks for logs and talks to containers; nobody answers on a dark node. */
  get server(): NodeConnection | undefined {
    return this.#isRunning ? this.#server : undefined
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Registers the node and takes up the Pods that are bound to it already. */
  start(pods: readonly Pod[]): void {
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#register()
    for (const { metadata, status } of pods) {
      if (metadata.uid && status.podIP) this.#addresses.reserve(status.podIP)
    }
    for (const pod of pods) this.onPod(pod)
  }

  /** Goes dark, as a machine that loses power: says nothing any more, to nobody. */
  stop(): void {
    this.#isRunning = false
    this.#heartbeat?.stop()
    this.#retry?.cancel()
    for (const worker of this.#workers.values()) worker.stop()
    this.#workers.clear()
    for (const worker of this.#due) this.#takeDue(worker)
    this.#addresses = new PodAddresses(this.#addresses.cidr)
  }

  /** A Pod that is bound to this node came or changed. */
  onPod(pod: Pod): void {
    if (!this.#isRunning) return
    const uid = pod.metadata.uid ?? ''
    let worker = this.#workers.get(uid)
    if (worker) worker.update(pod)
    else {
      worker = new PodWorker(pod, this.#addressFor(pod), this.#worker)
      this.#workers.set(uid, worker)
    }
    this.#plan(worker)
  }

  onPodGone(pod: Pod): void {
    const worker = this.#workers.get(pod.metadata.uid ?? '')
    if (!worker) return
    worker.stop()
    this.#workers.delete(worker.uid)
    this.#takeDue(worker)
    if (!pod.spec.hostNetwork) this.#addresses.release(worker.podIP)
  }

  #workerOf({ namespace, pod }: PodTarget): PodWorker | undefined {
    for (const worker of this.#workers.values()) {
      const { metadata } = worker.pod
      if (metadata.name === pod && metadata.namespace === namespace) return worker
    }
    return undefined
  }

  #addressFor({ spec, status }: Pod): string {
    if (spec.hostNetwork) return this.#worker.hostIP
    return status.podIP || this.#addresses.take()
  }

  /**
   * After whoever told us is done: often it is the server, in the middle of a write. Several
   * changes of a Pod until then make one turn.
   */
  #plan(worker: PodWorker): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#takeTurn())
    if (this.#due.has(worker)) return
    this.#due.add(worker)
    this.#context.ledger.begin('queuedKey')
  }

  #takeTurn(): void {
    for (const worker of [...this.#due]) {
      // Its requests count from before it stops to count as queued.
      worker.sync()
      this.#takeDue(worker)
    }
  }

  #takeDue(worker: PodWorker): void {
    if (this.#due.delete(worker)) this.#context.ledger.end('queuedKey')
  }

  async #register(): Promise<void> {
    const { client, clock, random, log, node } = this.#context
    const { name } = this.#shape
    let registered: Node
    try {
      registered = await this.#createOrRefresh()
    } catch (error) {
      if (!this.#isRunning) return
      log.warn(`node ${name} could not be registered, trying again`, { error })
      this.#retry = clock.setTimer(timing.retryMs, () => void this.#register())
      return
    }
    if (!this.#isRunning) return
    this.#heartbeat = new Heartbeat({ client, clock, random, log, node, registered })
    this.#heartbeat.start()
  }

  /** A node that was here before keeps what people did to it: labels, taints, cordons. */
  async #createOrRefresh(): Promise<Node> {
    const { client, clock, random } = this.#context
    const nodes = client.of(resources.nodes)
    const fresh = nodeObject(this.#shape, random, clock.now())
    try {
      return await nodes.create(fresh)
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error
      const old = await nodes.get(this.#shape.name)
      const conditions = healthyConditions(clock.now(), old.status.conditions)
      return await nodes.patch(
        this.#shape.name,
        { status: { ...fresh.status, conditions } },
        { type: 'strategic', subresource: 'status' },
      )
    }
  }
}

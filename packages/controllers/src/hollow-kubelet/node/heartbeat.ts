import {
  type Clock,
  formatMicroTime,
  isConditionTrue,
  isStatusError,
  type Lease,
  type Node,
  type ObjectMeta,
  type Random,
  type Timer,
} from '@miniplane/api'
import { type Client, type Log, resources } from '@miniplane/client'
import { timing } from '../limits.js'
import { healthyConditions } from './node-object.js'

const LEASE_NAMESPACE = 'kube-node-lease'

/** Kubelets don't all beat in the same moment. */
const JITTER = 0.04

export interface HeartbeatContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The Node as it was registered: the Lease goes with it. */
  readonly registered: Node
  /** The Node as last seen. */
  readonly node: () => Node | undefined
}

/**
 * Shows that a node lives: renews its Lease every 10 s, and its status every 5 minutes, or with
 * the next beat when somebody wrote that it is not ready.
 */
export class Heartbeat {
  readonly #context: HeartbeatContext
  readonly #name: string
  #lease: Lease | undefined
  #timer: Timer | undefined
  #statusDueMs: number
  #hadLease = false
  #isStopped = false

  constructor(context: HeartbeatContext) {
    this.#name = context.registered.metadata.name ?? ''
    this.#context = context
    this.#statusDueMs = context.clock.now() + timing.nodeStatusMs
  }

  start(): void {
    void this.#beat()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #beat(): Promise<void> {
    const { clock, random, log } = this.#context
    let pauseMs = timing.leaseRenewMs * (1 + JITTER * random.next())
    try {
      await Promise.all([this.#renewLease(), this.#refreshStatus()])
    } catch (error) {
      this.#lease = undefined
      pauseMs = timing.retryMs
      if (!this.#isStopped) log.warn(`node ${this.#name} missed a heartbeat`, { error })
    }
    if (!this.#isStopped) this.#timer = clock.setTimer(pauseMs, () => void this.#beat())
  }

  async #renewLease(): Promise<void> {
    const leases = this.#context.client.of(resources.leases)
    const renewTime = formatMicroTime(this.#context.clock.now())
    this.#lease ??= await this.#findLease()
    this.#lease = this.#lease
      ? await leases.update({ ...this.#lease, spec: { ...this.#lease.spec, renewTime } })
      : await leases.create(this.#newLease(renewTime))
    this.#hadLease = true
  }

  async #findLease(): Promise<Lease | undefined> {
    try {
      const leases = this.#context.client.of(resources.leases)
      return await leases.get(this.#name, { namespace: LEASE_NAMESPACE })
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }

  #newLease(renewTime: string): Lease {
    const { node, registered } = this.#context
    // One that is made anew when its Node is gone belongs to nobody: it would be collected again.
    const owner = this.#hadLease ? node() : registered
    const ownedBy = ({ uid = '' }: ObjectMeta) => [
      { apiVersion: 'v1', kind: 'Node', name: this.#name, uid },
    ]
    return {
      kind: 'Lease',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: {
        name: this.#name,
        namespace: LEASE_NAMESPACE,
        ...(owner && { ownerReferences: ownedBy(owner.metadata) }),
      },
      spec: {
        holderIdentity: this.#name,
        leaseDurationSeconds: timing.leaseDurationSeconds,
        renewTime,
      },
    }
  }

  async #refreshStatus(): Promise<void> {
    const { client, clock, node } = this.#context
    const seen = node()
    if (!seen) return
    const nowMs = clock.now()
    if (isConditionTrue(seen.status.conditions, 'Ready') && nowMs < this.#statusDueMs) return
    this.#statusDueMs = nowMs + timing.nodeStatusMs
    const status = { conditions: healthyConditions(nowMs, seen.status.conditions) }
    try {
      const options = { type: 'strategic', subresource: 'status' } as const
      await client.of(resources.nodes).patch(this.#name, { status }, options)
    } catch (error) {
      // Removed by somebody: a kubelet registers its node only when it starts.
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }
}

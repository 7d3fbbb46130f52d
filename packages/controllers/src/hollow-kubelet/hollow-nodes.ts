import type { Clock, Ledger, Node, NodeConnection, Pod, Random } from '@miniplane/api'
import {
  Client,
  type Informer,
  InformerFactory,
  type Log,
  resources,
  type Transport,
} from '@miniplane/client'
import { limits } from './limits.js'
import { HollowNode } from './node/hollow-node.js'
import { WriteGate } from './node/write-gate.js'

export interface HollowNodesOptions {
  /**
   * Every node speaks for itself, under its own user agent and name; what reads for all of them has
   * no node's name.
   */
  readonly transport: (userAgent: string, node?: string) => Transport
  /** How many nodes, named node-1, node-2, …; default 2. */
  readonly count?: number
  /** Or these. */
  readonly names?: readonly string[]
  /** Of each node; default 32 CPUs, 256Gi, 110 Pods. */
  readonly capacity?: Readonly<Record<string, string>>
  /** Added to those that every kubelet sets. */
  readonly labels?: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly random: Random
  readonly ledger: Ledger
  readonly log: Log
}

/** The program that the API server sees; field managers are named after it. */
const USER_AGENT = 'hollow-kubelet'

const DEFAULT_CAPACITY = { cpu: '32', memory: '256Gi', pods: '110' }

/** Starts pretended nodes on which Pods live without containers; see `pod/script.ts`. */
export function startHollowNodes(options: HollowNodesOptions): HollowNodes {
  return new HollowNodes(options)
}

/** All nodes share one view of the Pods, whatever their number. */
export class HollowNodes {
  readonly #nodes = new Map<string, HollowNode>()
  readonly #informers: InformerFactory
  readonly #pods: Informer<Pod>
  readonly #transports: Transport[] = []
  #isStopped = false

  constructor(options: HollowNodesOptions) {
    const { clock, random, ledger, log } = options
    const client = this.#connect(options, USER_AGENT)
    this.#informers = new InformerFactory(client, { clock, ledger, log })
    this.#pods = this.#informers.informer<Pod>(resources.pods)
    const seen = this.#informers.informer<Node>(resources.nodes).cache
    const gate = new WriteGate(limits.writesInFlightMax)
    for (const [index, name] of namesOf(options).entries()) {
      const capacity = options.capacity ?? DEFAULT_CAPACITY
      const shape = { name, index, capacity, labels: options.labels ?? {} }
      const node = new HollowNode(shape, {
        client: this.#connect(options, `${USER_AGENT}/${name}`, name),
        clock,
        random,
        ledger,
        log,
        gate,
        node: () => seen.get(name),
      })
      this.#nodes.set(name, node)
    }
    this.#follow()
    this.#informers.start()
    void this.#informers.waitForSync().then(() => this.#startAll())
  }

  /** The nodes' names. */
  get names(): readonly string[] {
    return [...this.#nodes.keys()]
  }

  /** The way to a node; undefined when there is none of that name, or it is dark. */
  dial(name: string): NodeConnection | undefined {
    return this.#nodes.get(name)?.server
  }

  /** The machine loses its power: no heartbeats, no word of its Pods. */
  stopNode(name: string): void {
    this.#nodeNamed(name).stop()
  }

  /** And is back again: its Pods go on where they were. */
  startNode(name: string): void {
    this.#nodeNamed(name).start(this.#pods.cache.byIndex('node', name))
  }

  stop(): void {
    this.#isStopped = true
    for (const node of this.#nodes.values()) node.stop()
    this.#informers.stop()
    for (const transport of this.#transports) transport.close()
  }

  /** Only now: Pods from earlier on have addresses that must not be given away again. */
  #startAll(): void {
    if (this.#isStopped) return
    for (const name of this.#nodes.keys()) this.startNode(name)
  }

  #connect(options: HollowNodesOptions, userAgent: string, node?: string): Client {
    const transport = options.transport(userAgent, node)
    this.#transports.push(transport)
    return new Client(transport)
  }

  #nodeNamed(name: string): HollowNode {
    const node = this.#nodes.get(name)
    if (!node)
      throw new Error(`no hollow node is named "${name}": there are ${this.names.join(', ')}`)
    return node
  }

  #follow(): void {
    this.#pods.cache.addIndex('node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))
    const nodeOf = ({ spec }: Pod) => this.#nodes.get(spec.nodeName ?? '')
    this.#pods.addHandler({
      onAdd: (pod) => nodeOf(pod)?.onPod(pod),
      onUpdate: (old, pod) => {
        // Missed in between: the old one went, another took its name.
        if (old.metadata.uid !== pod.metadata.uid) nodeOf(old)?.onPodGone(old)
        nodeOf(pod)?.onPod(pod)
      },
      onDelete: (pod) => nodeOf(pod)?.onPodGone(pod),
    })
  }
}

function namesOf({ names, count = 2, capacity }: HollowNodesOptions): readonly string[] {
  const all = names ?? Array.from({ length: count }, (_, i) => `node-${i + 1}`)
  if (all.length > limits.nodesMax) {
    throw new Error(`at most ${limits.nodesMax} hollow nodes, not ${all.length}`)
  }
  if (new Set(all).size < all.length) throw new Error('hollow nodes need different names')
  const pods = Number(capacity?.pods ?? 0)
  if (pods > limits.podsPerNodeMax) {
    throw new Error(`a hollow node holds at most ${limits.podsPerNodeMax} Pods, not ${pods}`)
  }
  return all
}

import type { PeerHandler, PeerTransport } from '../peer/transport.js'
import type { NodeId, Message as RaftMessage } from '../raft/types.js'
import { Message } from '../wire/raft.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'

/** How bad the network is. */
export interface NetworkFaults {
  /** Milliseconds a message takes. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
  /** Of a message. Those that are late overtake nobody: they are overtaken. */
  readonly loss: number
  readonly duplication: number
  /** Of a message's taking ten times as long. */
  readonly lateness: number
}

export const calmNetwork: NetworkFaults = {
  minDelayMs: 1,
  maxDelayMs: 3,
  loss: 0,
  duplication: 0,
  lateness: 0,
}

interface Endpoint {
  readonly handler: PeerHandler
  /** Who has sent something: it said where it can be answered. */
  readonly senders: Set<NodeId>
  isUp: boolean
}

/**
 * Messages between members, as bytes, with whatever can happen to them on the way: delay, loss,
 * duplication, reordering, and links that are cut in one direction or both.
 */
export class SimulatedNetwork {
  faults = calmNetwork
  /** Sees every message as it leaves. */
  onSent: (message: RaftMessage) => void = () => undefined
  readonly #time: SimulatedTime
  readonly #random: SeededRandom
  readonly #endpoints = new Map<NodeId, Endpoint>()
  /** `from>to` */
  readonly #cut = new Set<string>()

  constructor(time: SimulatedTime, random: SeededRandom) {
    this.#time = time
    this.#random = random
  }

  /** A run of a member begins to listen; its run before is gone. */
  join(id: NodeId, handler: PeerHandler): PeerTransport {
    this.leave(id)
    const endpoint = { handler, senders: new Set<NodeId>(), isUp: true }
    this.#endpoints.set(id, endpoint)
    return new SimulatedTransport(id, this, this.#time, endpoint)
  }

  /** What is on its way to it is lost. */
  leave(id: NodeId): void {
    const endpoint = this.#endpoints.get(id)
    if (endpoint !== undefined) endpoint.isUp = false
    this.#endpoints.delete(id)
  }

  /** Cuts the way from one to the other, and not the way back. */
  cut(from: NodeId, to: NodeId): void {
    this.#cut.add(`${from}>${to}`)
  }

  heal(): void {
    this.#cut.clear()
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.#cut.has(`${from}>${to}`)
  }

  isUp(id: NodeId): boolean {
    return this.#endpoints.has(id)
  }

  /** Delivers to whoever listens then, once or twice or never. Answers whether it can't get through. */
  deliver(
    from: NodeId,
    to: NodeId,
    arrive: (endpoint: Endpoint) => void,
    { mayDouble = true } = {},
  ): boolean {
    if (!this.#endpoints.has(to) || this.isCut(from, to)) return false
    if (this.#random.chance(this.faults.loss)) return true
    const copies = mayDouble && this.#random.chance(this.faults.duplication) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      this.#time.after(this.delayMs(), () => {
        const endpoint = this.#endpoints.get(to)
        if (endpoint !== undefined && !this.isCut(from, to)) arrive(endpoint)
      })
    }
    return true
  }

  delayMs(): number {
    const { minDelayMs, maxDelayMs, lateness } = this.faults
    const delay = minDelayMs + this.#random.below((maxDelayMs - minDelayMs) * 1000 + 1) / 1000
    return this.#random.chance(lateness) ? delay * 10 : delay
  }
}

/** One member's end of the network. */
class SimulatedTransport implements PeerTransport {
  readonly #id: NodeId
  readonly #network: SimulatedNetwork
  readonly #time: SimulatedTime
  readonly #self: Endpoint
  readonly #peers = new Set<NodeId>()

  constructor(id: NodeId, network: SimulatedNetwork, time: SimulatedTime, self: Endpoint) {
    this.#id = id
    this.#network = network
    this.#time = time
    this.#self = self
  }

  addPeer(id: NodeId): void {
    this.#peers.add(id)
  }

  updatePeer(): void {
    // Where a peer listens makes no difference here.
  }

  removePeer(id: NodeId): void {
    this.#peers.delete(id)
    this.#self.senders.delete(id)
  }

  send(messages: readonly RaftMessage[]): void {
    for (const message of messages) {
      const { to } = message
      if (!this.#self.isUp || !(this.#peers.has(to) || this.#self.senders.has(to))) continue
      if (message.type === 'MsgSnap') void this.#sendSnapshot(message)
      else this.#sendMessage(message)
    }
  }

  #sendMessage(message: RaftMessage): void {
    this.#network.onSent(message)
    const bytes = Message.encode(message)
    // A proposal that came twice would be made twice: Raft's transport has to see to that, and does
    // (a stream loses its end when it breaks, and repeats nothing).
    const mayDouble = message.type !== 'MsgProp'
    const isSent = this.#network.deliver(
      this.#id,
      message.to,
      (endpoint) => this.#arrive(endpoint, bytes, message.to),
      { mayDouble },
    )
    if (!isSent) this.#self.handler.reportUnreachable(message.to)
  }

  #arrive({ handler, senders }: Endpoint, bytes: Uint8Array, at: NodeId): void {
    if (handler.isRemoved(this.#id)) {
      this.#network.deliver(at, this.#id, (self) => self.handler.reportRemoved())
      return
    }
    senders.add(this.#id)
    handler.process(Message.decode(bytes))
  }

  async #sendSnapshot(message: RaftMessage): Promise<void> {
    const { handler } = this.#self
    let isReported = false
    const report = (isDelivered: boolean) => {
      if (this.#self.isUp && !isReported) handler.reportSnapshot(message.to, isDelivered)
      isReported = true
    }
    // What is lost on the way, or with who should have got it, is noticed in the end.
    this.#time.after(SNAPSHOT_TIMEOUT_MS, () => report(false))
    const state = await handler.openSnapshot(message)
    const parts: Uint8Array[] = []
    for await (const part of state.chunks) parts.push(part)
    const bytes = Message.encode(message)
    const isSent = this.#network.deliver(this.#id, message.to, (endpoint) => {
      endpoint.handler
        .receiveSnapshot(Message.decode(bytes), stream(parts))
        .then(() => report(true))
        .catch(() => report(false))
    })
    if (!isSent) report(false)
  }

  activeSince(id: NodeId): number | undefined {
    const isReachable =
      this.#network.isUp(id) &&
      !this.#network.isCut(this.#id, id) &&
      !this.#network.isCut(id, this.#id)
    return isReachable ? 0 : undefined
  }

  call(to: NodeId, path: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const timeout = this.#time.after(1000, () => finish(() => reject(new Error('no answer'))))
      const onAbort = () => finish(() => reject(signal.reason))
      const finish = (settle: () => void) => {
        timeout.cancel()
        signal.removeEventListener('abort', onAbort)
        settle()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#network.deliver(this.#id, to, ({ handler }) => {
        handler.call(path, body).then(
          (answer) => this.#network.deliver(to, this.#id, () => finish(() => resolve(answer))),
          (error: unknown) =>
            this.#network.deliver(to, this.#id, () => finish(() => reject(error))),
        )
      })
    })
  }

  async close(): Promise<void> {
    this.#network.leave(this.#id)
  }
}

const SNAPSHOT_TIMEOUT_MS = 5000

async function* stream(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield part
}

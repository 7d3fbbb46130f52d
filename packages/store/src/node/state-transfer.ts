import type { LoadedState, StateView } from '../backend/state.js'
import { membershipAsV2Store } from '../membership/v2-store.js'
import type { Message, NodeId } from '../raft/types.js'
import type { SnapshotName, SnapshotStore } from '../snapshot/snapshot-store.js'
import type { StateFile } from './state-snapshots.js'

export interface StateTransferOptions {
  readonly view: () => StateView
  readonly write: (view: StateView) => Promise<StateFile>
  readonly read: (bytes: Uint8Array) => Promise<LoadedState>
  /** Where states that come from a leader are kept; undefined: in memory. */
  readonly store: SnapshotStore | undefined
}

/**
 * States that travel between members. What a MsgSnap names is a moment of the past: when it is sent
 * it gets the present, which is as good for whoever is behind, and needs nothing to be kept ready.
 */
export class StateTransfer {
  readonly #options: StateTransferOptions
  /** By peer, until they are sent. One that the transport didn't take makes room for the next. */
  readonly #outgoing = new Map<NodeId, { readonly message: Message; readonly view: StateView }>()
  /** What came, by index, when there is no disk. */
  readonly #incoming = new Map<number, Uint8Array>()

  constructor(options: StateTransferOptions) {
    this.#options = options
  }

  /** The messages as they are to be sent. */
  attach(messages: readonly Message[]): readonly Message[] {
    if (!messages.some(({ type }) => type === 'MsgSnap')) return messages
    return messages.map((message) => (message.type === 'MsgSnap' ? this.#attach(message) : message))
  }

  #attach(message: Message): Message {
    const view = this.#options.view()
    const { appliedIndex: index, appliedTerm: term, confState } = view
    const snapshot = { data: membershipAsV2Store(view), metadata: { index, term, confState } }
    const attached = { ...message, snapshot }
    this.forget(message.to)
    this.#outgoing.set(message.to, { message: attached, view })
    return attached
  }

  /** The state that goes with a message that is being sent. */
  async open(message: Message): Promise<StateFile> {
    const outgoing = this.#outgoing.get(message.to)
    if (outgoing?.message !== message) throw new Error('no state was attached to this message')
    this.#outgoing.delete(message.to)
    return this.#options.write(outgoing.view)
  }

  /** Keeps what comes; rejects, and keeps nothing, when it can't be read to its end. */
  async receive(message: Message, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { index = 0, term = 0 } = message.snapshot?.metadata ?? {}
    const { store } = this.#options
    if (store !== undefined) {
      await store.save({ index, term }, chunks)
      return
    }
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    this.#incoming.delete(index)
    this.#incoming.set(index, Buffer.concat(parts))
    // One may be taken, and one be next; what the core refused is let go of.
    const [oldest] = this.#incoming.keys()
    if (this.#incoming.size > INCOMING_MAX && oldest !== undefined) this.#incoming.delete(oldest)
  }

  /** The state that came with this snapshot, and its size; others may have come since. */
  async take(name: SnapshotName): Promise<{ state: LoadedState; sizeBytes: number }> {
    const bytes = await this.#received(name)
    if (bytes === undefined) {
      throw new Error(`the state at index ${name.index} is not what was received, or damaged`)
    }
    return { state: await this.#options.read(bytes), sizeBytes: bytes.length }
  }

  async #received(name: SnapshotName): Promise<Uint8Array | undefined> {
    const { store } = this.#options
    if (store !== undefined) return (await store.open(name))?.bytes
    const bytes = this.#incoming.get(name.index)
    this.#incoming.delete(name.index)
    return bytes
  }

  /** The transport is done with what was for this peer, whether it ever asked for it or not. */
  forget(peer: NodeId): void {
    this.#outgoing.get(peer)?.view.mvcc.release()
    this.#outgoing.delete(peer)
  }

  close(): void {
    for (const peer of [...this.#outgoing.keys()]) this.forget(peer)
    this.#incoming.clear()
  }
}

/** States in memory that have come and were not taken. */
const INCOMING_MAX = 3

import type { LoadedState, StateView } from '../backend/state.js'
import type { Message, NodeId } from '../raft/types.js'
import type { SnapshotStore } from '../snapshot/snapshot-store.js'
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
  /** What came last, when there is no disk. */
  #incoming: { readonly index: number; readonly bytes: Uint8Array } | undefined

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
    const snapshot = { data: NOTHING, metadata: { index, term, confState } }
    const attached = { ...message, snapshot }
    this.#outgoing.get(message.to)?.view.mvcc.release()
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
    this.#incoming = { index, bytes: Buffer.concat(parts) }
  }

  /** The state that came with the snapshot at `index`. */
  async take(index: number): Promise<LoadedState> {
    const { store, read } = this.#options
    const incoming = store === undefined ? this.#incoming : await store.openNewest()
    this.#incoming = undefined
    if (incoming?.index !== index) {
      throw new Error(`the state at index ${index} is not the one that was received last`)
    }
    return read(incoming.bytes)
  }
}

const NOTHING = new Uint8Array(0)

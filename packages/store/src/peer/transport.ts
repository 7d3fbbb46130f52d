import type { Message, NodeId } from '../raft/types.js'

/** What members say to each other. Implementations: HTTP (peer/http/), and the simulation's network. */
export interface PeerTransport {
  addPeer(id: NodeId, urls: readonly string[]): void
  updatePeer(id: NodeId, urls: readonly string[]): void
  removePeer(id: NodeId): void
  /**
   * Sends what it can and returns at once. A message to a peer that can't be reached, or whose queue
   * is full, is dropped and reported as unreachable: Raft sends again. A MsgSnap goes a way of its
   * own, with the state that `PeerHandler.openSnapshot` gives, and is always reported.
   */
  send(messages: readonly Message[]): void
  /** Since when the peer has been reachable, on the clock; undefined while it is not. */
  activeSince(id: NodeId): number | undefined
  /** Asks the peer something that is not Raft's (see `PeerHandler.call`). Rejects when it can't. */
  call(id: NodeId, path: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  close(): Promise<void>
}

/** The state as it travels with a MsgSnap: a database file in etcd's format. */
export interface StateStream {
  readonly sizeBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** What a member does with what comes from its peers. */
export interface PeerHandler {
  process(message: Message): void
  reportUnreachable(id: NodeId): void
  reportSnapshot(id: NodeId, isDelivered: boolean): void
  /** A peer says that this member was removed from the cluster: it must stop. */
  reportRemoved(): void
  /** Whether the id was a member and is no more: whoever comes with it is told so. */
  isRemoved(id: NodeId): boolean
  /** The state to send with this MsgSnap. */
  openSnapshot(message: Message): Promise<StateStream>
  /** Keeps the state that came with the MsgSnap, then processes the message. */
  receiveSnapshot(message: Message, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Answers a peer's `call`: `leases/keepalive`, `leases/timetolive`, `members/promote`, `members/hashkv`. */
  call(path: string, body: Uint8Array): Promise<Uint8Array>
}

import { crc32c } from '../checksum/crc32c.js'
import type { Entry, HardState } from '../raft/types.js'
import {
  ENTRY_TYPES,
  HARD_STATE_BYTES,
  KIND,
  PAIR_BYTES,
  PREFACE_BYTES,
  preface,
  RECORD_HEADER_BYTES,
  recordBytes,
} from './format.js'
import type { WalMetadata, WalSnapshot } from './types.js'

const TWO_TO_32 = 0x1_0000_0000

const BUFFER_BYTES = 256 * 1024

/** A larger buffer is given back after use. */
const BUFFER_BYTES_KEPT = 4 * 1024 * 1024

/** Where in the chain of records a segment stands. */
export interface ChainState {
  /** The checksum of the last record; 0 before the first one. */
  readonly previous: number
  /** What the segment's checksums start from. */
  readonly seed: number
}

/**
 * Encodes the records of one write after the other into a buffer that is used again and again:
 * this is on the way of every put.
 */
export class RecordWriter {
  #bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #view = viewOf(this.#bytes)
  #length = 0
  #segment = 0
  #synced = 0
  #previous: number
  #seed: number

  constructor(segment: number, chain: ChainState) {
    this.#segment = segment
    this.#previous = chain.previous
    this.#seed = chain.seed
  }

  /** How much was added since `begin`. */
  get length(): number {
    return this.#length
  }

  /** Valid until the next `begin`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Where the chain is after what was added. */
  get chain(): ChainState {
    return { previous: this.#previous, seed: this.#seed }
  }

  /** A new write; `synced` bytes of its segment are durable. */
  begin(synced: number): void {
    this.#length = 0
    this.#synced = synced
    if (this.#bytes.length > BUFFER_BYTES_KEPT) this.#resize(BUFFER_BYTES)
  }

  /** The head of a new segment: what is added from now on belongs to it. */
  addSegmentHead(segment: number, metadata: WalMetadata): void {
    this.#segment = segment
    const head = preface()
    this.#reserve(PREFACE_BYTES)
    this.#bytes.set(head, this.#length)
    this.#length += PREFACE_BYTES
    this.#seed = crc32c(head)
    const at = this.#beginRecord(PAIR_BYTES)
    this.#view.setBigUint64(at, metadata.nodeId, true)
    this.#view.setBigUint64(at + 8, metadata.clusterId, true)
    this.#endRecord(KIND.metadata, 0, PAIR_BYTES)
    this.#seed = this.#previous
  }

  addEntry(entry: Entry): void {
    const { data } = entry
    const length = PAIR_BYTES + data.length
    const at = this.#beginRecord(length)
    this.#setNumber(at, entry.term)
    this.#setNumber(at + 8, entry.index)
    this.#bytes.set(data, at + PAIR_BYTES)
    this.#endRecord(KIND.entry, ENTRY_TYPES.indexOf(entry.type), length)
  }

  addHardState(hardState: HardState): void {
    const at = this.#beginRecord(HARD_STATE_BYTES)
    this.#setNumber(at, hardState.term)
    this.#view.setBigUint64(at + 8, hardState.vote, true)
    this.#setNumber(at + 16, hardState.commit)
    this.#endRecord(KIND.hardState, 0, HARD_STATE_BYTES)
  }

  addSnapshot(snapshot: WalSnapshot): void {
    const at = this.#beginRecord(PAIR_BYTES)
    this.#setNumber(at, snapshot.term)
    this.#setNumber(at + 8, snapshot.index)
    this.#endRecord(KIND.snapshot, 0, PAIR_BYTES)
  }

  /** Answers where the body goes. */
  #beginRecord(bodyBytes: number): number {
    const total = recordBytes(bodyBytes)
    this.#reserve(total)
    const start = this.#length
    this.#length += total
    const body = start + RECORD_HEADER_BYTES
    this.#bytes.fill(0, body + bodyBytes, this.#length)
    return body
  }

  #endRecord(kind: number, entryType: number, bodyBytes: number): void {
    const view = this.#view
    const start = this.#length - recordBytes(bodyBytes)
    view.setUint32(start + 4, this.#previous, true)
    view.setUint32(start + 8, bodyBytes, true)
    view.setUint32(start + 12, this.#synced, true)
    view.setUint32(start + 16, this.#segment % TWO_TO_32, true)
    view.setUint32(start + 20, kind | (entryType << 8), true)
    this.#previous = crc32c(this.#bytes.subarray(start + 4, this.#length), this.#seed)
    view.setUint32(start, this.#previous, true)
  }

  #setNumber(at: number, value: number): void {
    this.#view.setUint32(at, value >>> 0, true)
    this.#view.setUint32(at + 4, value / TWO_TO_32, true)
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, this.#bytes.length * 2))
  }

  #resize(size: number): void {
    const old = this.#bytes.subarray(0, this.#length)
    this.#bytes = Buffer.allocUnsafeSlow(size)
    this.#bytes.set(old)
    this.#view = viewOf(this.#bytes)
  }
}

const viewOf = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

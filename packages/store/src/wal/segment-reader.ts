import { crc32c } from '../checksum/crc32c.js'
import type { Entry, HardState } from '../raft/types.js'
import {
  ENTRY_TYPES,
  HARD_STATE_BYTES,
  KIND,
  KIND_MAX,
  PAIR_BYTES,
  PREFACE_BYTES,
  RECORD_HEADER_BYTES,
  recordBytes,
  VERSION,
  versionOf,
} from './format.js'
import type { ChainState } from './record-writer.js'
import type { WalMetadata, WalSnapshot } from './types.js'
import { corrupt, WalError } from './wal-error.js'

const TWO_TO_32 = 0x1_0000_0000

/** What is told, in their order, about the records of a segment. */
export interface RecordVisitor {
  onMetadata(metadata: WalMetadata): void
  /** The entry's data is a view of the segment's bytes. */
  onEntry(entry: Entry, offset: number): void
  onHardState(hardState: HardState): void
  onSnapshot(snapshot: WalSnapshot, offset: number): void
}

/** Reads one segment, whose bytes are in memory. */
export class SegmentReader {
  readonly path: string
  readonly #number: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #previous = 0
  #seed = 0
  #end = 0

  constructor(path: string, number: number, bytes: Uint8Array) {
    this.path = path
    this.#number = number
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get chain(): ChainState {
    return { previous: this.#previous, seed: this.#seed }
  }

  /** Where the chain of records ends, after `readRecords`. */
  get end(): number {
    return this.#end
  }

  /**
   * Tells `visitor` whose segment it is, and answers the checksum with which the segment before it
   * ended.
   */
  readHead(visitor: RecordVisitor): number {
    const version = versionOf(this.#bytes)
    if (version === undefined || version === 0) {
      throw corrupt(this.path, 0, 'it does not begin as a segment does')
    }
    if (version > VERSION) {
      throw new WalError(
        'newerFormat',
        `${this.path} has format ${version}, and this program knows formats up to ${VERSION}; ` +
          'nothing was changed; start a program that is as new as the log',
      )
    }
    this.#seed = crc32c(this.#bytes.subarray(0, PREFACE_BYTES))
    this.#end = PREFACE_BYTES
    const next = this.#endOfRecordAt(PREFACE_BYTES)
    if (next === undefined) throw this.damage()
    this.#visit(PREFACE_BYTES, visitor)
    this.#previous = this.#word(PREFACE_BYTES, 0)
    this.#seed = this.#previous
    this.#end = next
    return this.#word(PREFACE_BYTES, 4)
  }

  /** After `readHead`: tells `visitor` of every record up to the end of the chain. */
  readRecords(visitor: RecordVisitor): void {
    for (;;) {
      const next = this.#endOfRecordAt(this.#end)
      if (next === undefined || this.#word(this.#end, 4) !== this.#previous) return
      this.#visit(this.#end, visitor)
      this.#previous = this.#word(this.#end, 0)
      this.#end = next
    }
  }

  /**
   * After `readRecords`: throws if what follows the chain shows that its end was durable once. Otherwise
   * answers how far a write goes that was torn; `end` if there is none.
   */
  checkTail(): number {
    let tornTo = this.#end
    let at = this.#end
    while (at + RECORD_HEADER_BYTES <= this.#bytes.length) {
      const next = this.#endOfRecordAt(at)
      if (next !== undefined) {
        if (this.#word(at, 12) > this.#end) throw this.damage()
        tornTo = next
      }
      at = next ?? at + 8
    }
    return tornTo
  }

  damage(): WalError {
    return corrupt(this.path, this.#end, this.#whatIsWrongAt(this.#end))
  }

  /** Undefined unless there is a whole record of this segment, wherever it belongs in the chain. */
  #endOfRecordAt(offset: number): number | undefined {
    if (offset + RECORD_HEADER_BYTES > this.#bytes.length) return undefined
    if (this.#word(offset, 16) !== this.#number % TWO_TO_32) return undefined
    const kindWord = this.#word(offset, 20)
    const kind = kindWord & 0xff
    if (kind === 0 || kind > KIND_MAX || kindWord > 0xffff) return undefined
    const end = this.#endByLength(offset)
    if (end === undefined) return undefined
    const checksum = crc32c(this.#bytes.subarray(offset + 4, end), this.#seed)
    return checksum === this.#word(offset, 0) ? end : undefined
  }

  #endByLength(offset: number): number | undefined {
    const length = this.#word(offset, 8)
    if (length > this.#bytes.length) return undefined
    const end = offset + recordBytes(length)
    return end <= this.#bytes.length ? end : undefined
  }

  #visit(offset: number, visitor: RecordVisitor): void {
    const body = offset + RECORD_HEADER_BYTES
    const kindWord = this.#word(offset, 20)
    switch (kindWord & 0xff) {
      case KIND.metadata:
        this.#expectLength(offset, PAIR_BYTES)
        visitor.onMetadata({ nodeId: this.#bigint(body), clusterId: this.#bigint(body + 8) })
        return
      case KIND.hardState:
        this.#expectLength(offset, HARD_STATE_BYTES)
        visitor.onHardState({
          term: this.#number53(body),
          vote: this.#bigint(body + 8),
          commit: this.#number53(body + 16),
        })
        return
      case KIND.snapshot:
        this.#expectLength(offset, PAIR_BYTES)
        visitor.onSnapshot({ term: this.#number53(body), index: this.#number53(body + 8) }, offset)
        return
      default:
        visitor.onEntry(this.#entryAt(offset, ENTRY_TYPES[kindWord >>> 8]), offset)
    }
  }

  #entryAt(offset: number, type: Entry['type'] | undefined): Entry {
    const body = offset + RECORD_HEADER_BYTES
    const length = this.#word(offset, 8)
    if (type === undefined || length < PAIR_BYTES) throw this.#senseless(offset)
    return {
      type,
      term: this.#number53(body),
      index: this.#number53(body + 8),
      data: this.#bytes.subarray(body + PAIR_BYTES, body + length),
    }
  }

  #expectLength(offset: number, length: number): void {
    if (this.#word(offset, 8) !== length) throw this.#senseless(offset)
  }

  #senseless(offset: number): WalError {
    return corrupt(this.path, offset, 'its checksum is right, but no version writes such a record')
  }

  #whatIsWrongAt(offset: number): string {
    if (offset + RECORD_HEADER_BYTES > this.#bytes.length) return 'the file ends there'
    const end = this.#endByLength(offset)
    if (end === undefined)
      return `its length of ${this.#word(offset, 8)} bytes goes beyond the file`
    const found = hex8(this.#word(offset, 0))
    const expected = hex8(crc32c(this.#bytes.subarray(offset + 4, end), this.#seed))
    const segment = this.#word(offset, 16)
    if (found === expected && segment !== this.#number) return `it is one of segment ${segment}`
    if (found !== expected) return `CRC32C is ${found}, expected ${expected}`
    return `it follows ${hex8(this.#word(offset, 4))}, expected ${hex8(this.#previous)}`
  }

  #word(offset: number, field: number): number {
    return this.#view.getUint32(offset + field, true)
  }

  #bigint(offset: number): bigint {
    return this.#view.getBigUint64(offset, true)
  }

  #number53(offset: number): number {
    return this.#view.getUint32(offset + 4, true) * TWO_TO_32 + this.#view.getUint32(offset, true)
  }
}

const hex8 = (value: number) => value.toString(16).padStart(8, '0')

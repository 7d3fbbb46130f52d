import type { CompactResponse, LeaseGrantResponse, LeaseId } from '../client/store-client.js'
import type { Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import type { Log } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { ConfChange, ConfState, Entry } from '../raft/types.js'
import { type Author, type Command, type DecodedCommand, decodeCommand } from './command.js'
import type { OwnCommand, Proposals } from './proposals.js'
import type { StateMachine } from './state-machine.js'

/** How far the log is applied. */
export interface Applied {
  readonly index: number
  readonly term: number
}

/** What a command does that is about the cluster and not about keys. */
export interface ClusterState {
  /** Applies a command of the cluster's; undefined when it is none of them. */
  apply(command: Command): unknown
  /** Applies a change of membership; a refused one answers no change, and its error. */
  applyConfChange(entry: Entry): ConfChangeOutcome
}

export interface ConfChangeOutcome {
  /** By which whoever proposed it knows it. */
  readonly id: bigint
  readonly change: ConfChange | undefined
  readonly error: StoreError | undefined
}

/** Users and their rights, as commands are applied. */
export interface CommandGuard {
  /** Throws what the author may not do. */
  check(author: Author, command: Command): void
  /** Applies a command about users and roles; undefined when it is none of them. */
  apply(command: Command): unknown
}

export interface EntryApplierOptions {
  readonly machine: StateMachine
  readonly proposals: Proposals
  readonly cluster: ClusterState
  readonly guard: CommandGuard
  readonly confChanges: ConfChangeWaiters
  readonly onConfChange: (change: ConfChange | undefined) => ConfState
  /** The entries from now on are of this term: all of earlier terms are applied. */
  readonly onTerm: (term: number) => void
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'server' | 'lease'>
  readonly log: Log
}

/** Who waits for a change of membership that was proposed here. */
export interface ConfChangeWaiters {
  settle(id: bigint, error: StoreError | undefined): void
}

/** Answers of a compaction: at once, or when the old revisions are gone. */
export interface CompactionAnswer {
  readonly response: CompactResponse
  readonly freed: Promise<void>
}

/** etcd's: what takes longer holds up all others. */
const SLOW_APPLY_MS = 100

/** Carries out committed entries, one after the other, the same on every member. */
export class EntryApplier {
  readonly #options: EntryApplierOptions
  #appliedIndex: number
  #appliedTerm: number

  constructor(options: EntryApplierOptions, applied: Applied) {
    this.#options = options
    this.#appliedIndex = applied.index
    this.#appliedTerm = applied.term
  }

  get appliedIndex(): number {
    return this.#appliedIndex
  }

  get appliedTerm(): number {
    return this.#appliedTerm
  }

  get applied(): Applied {
    return { index: this.#appliedIndex, term: this.#appliedTerm }
  }

  /** The state was replaced by a snapshot. */
  restored(applied: Applied): void {
    this.#appliedIndex = applied.index
    this.#appliedTerm = applied.term
  }

  apply(entries: readonly Entry[]): void {
    const { clock, metrics } = this.#options
    const begunMs = clock.now()
    this.#apply(entries)
    // Those that come together are measured together: a clock is read as fast as a put is applied.
    const tookMs = clock.now() - begunMs
    metrics.server.applySeconds.observe(tookMs / 1000 / entries.length, entries.length)
    if (tookMs > SLOW_APPLY_MS) metrics.server.slowApplies.add()
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      // What a restart hands out again is in the state already.
      if (entry.index <= this.#appliedIndex) continue
      if (entry.term > this.#appliedTerm) this.#options.onTerm(entry.term)
      if (entry.type === 'EntryNormal') this.#applyNormal(entry)
      else this.#applyConfChange(entry)
      this.#appliedIndex = entry.index
      this.#appliedTerm = entry.term
    }
  }

  #applyNormal(entry: Entry): void {
    const { data } = entry
    // With an empty one a leader begins its term.
    if (data.length === 0) return
    const { proposals } = this.#options
    const own = proposals.take(data)
    if (own !== undefined) {
      this.#settle(own)
      return
    }
    const decoded = this.#decode(entry)
    if (decoded === undefined) return
    const { id, author, command } = decoded
    const forwarded = proposals.takeById(id)
    if (forwarded !== undefined) this.#settle(forwarded)
    else this.#outcome(author, command)
  }

  /**
   * Undefined: it is nothing that a member encodes. The bytes are the same everywhere, so every
   * member skips them, now and after a restart; stopping would stop all of them, for good.
   */
  #decode({ index, data }: Entry): DecodedCommand | undefined {
    try {
      return decodeCommand(data)
    } catch (error) {
      this.#options.log.error('skipped an entry that is no request', {
        index,
        error: String(error),
      })
      return undefined
    }
  }

  #settle(own: OwnCommand): void {
    const { answer, error } = this.#outcome(own.author, own.command)
    if (error === undefined) own.resolve(answer)
    else own.reject(error)
  }

  /**
   * A refusal is an outcome like any other: every member comes to the same. Any other error is a
   * bug, and may have left half of a change behind: it ends this member, as etcd's would.
   */
  #outcome(author: Author, command: Command): { answer?: unknown; error?: unknown } {
    try {
      this.#options.guard.check(author, command)
      return { answer: this.#do(command) }
    } catch (error) {
      if (error instanceof StoreError) return { error }
      throw error
    }
  }

  #do(command: Command): unknown {
    const { machine, cluster, guard } = this.#options
    const { put, txn, deleteRange, compaction, leaseGrant, leaseRevoke, leaseCheckpoint, alarm } =
      command
    if (put !== undefined) return machine.put(put)
    if (txn !== undefined) return machine.txn(txn)
    if (deleteRange !== undefined) return machine.deleteRange(deleteRange)
    if (leaseGrant !== undefined) return this.#grant(leaseGrant.id, leaseGrant.ttl)
    if (leaseRevoke !== undefined) return { header: machine.leaseRevoke(leaseRevoke.id) }
    if (leaseCheckpoint !== undefined) {
      for (const { id, remainingTtl } of leaseCheckpoint.checkpoints) {
        machine.leaseCheckpoint(id, remainingTtl)
      }
      return { header: machine.header() }
    }
    if (compaction !== undefined) {
      const freed = machine.compact(compaction.revision)
      return { response: { header: machine.header() }, freed } satisfies CompactionAnswer
    }
    if (alarm !== undefined) return machine.alarm(alarm)
    return guard.apply(command) ?? cluster.apply(command) ?? this.#unknown(command)
  }

  #grant(id: LeaseId, ttlSeconds: number): LeaseGrantResponse {
    const { machine, metrics } = this.#options
    const granted = machine.leaseGrant(id, ttlSeconds)
    metrics.lease.grantedTtlSeconds.observe(granted.ttlSeconds)
    return granted
  }

  #unknown(command: Command): void {
    const names = Object.entries(command).filter(([, request]) => request !== undefined)
    this.#options.log.warn('skipped a request of an unknown kind', {
      kind: names.map(([name]) => name).join(' '),
      index: this.#appliedIndex + 1,
    })
  }

  #applyConfChange(entry: Entry): void {
    const { cluster, confChanges, onConfChange } = this.#options
    const { id, change, error } = cluster.applyConfChange(entry)
    onConfChange(change)
    confChanges.settle(id, error)
  }
}

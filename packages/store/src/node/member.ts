import { AuthStore } from '../auth/auth-store.js'
import { SimpleTokens } from '../auth/tokens.js'
import { readState } from '../backend/read-state.js'
import type { StoreClient } from '../client/store-client.js'
import { type Clock, eventLoopTurn, type YieldTurn } from '../clock.js'
import { StoreError } from '../errors.js'
import { silentLedger } from '../ledger.js'
import { defaultLimits, type StoreLimits } from '../limits.js'
import { type Log, silentLog } from '../log.js'
import { formatId } from '../membership/ids.js'
import type { Membership } from '../membership/membership.js'
import { type Metrics, silentMetrics } from '../metrics/metrics.js'
import type { PeerHandler, PeerTransport } from '../peer/transport.js'
import type { Entry, NodeId, RaftNode, RaftStatus, Snapshot, SoftState } from '../raft/types.js'
import type { Caller, EtcdServer, Identity } from '../rpc/etcd-server.js'
import { HashKVRequest, HashKVResponse } from '../wire/maintenance.js'
import { MemberCluster } from './cluster-api.js'
import { MEMBER_ASKS, NOBODY_ASKS } from './command.js'
import { ConfChanges } from './conf-changes.js'
import { openCore } from './core.js'
import { CorruptionCheck, HASH_KV_PATH } from './corruption-check.js'
import { EntryApplier } from './entry-applier.js'
import { Leadership } from './leadership.js'
import { LeaseKeeper } from './lease-keeper.js'
import { LinearizableReads } from './linearizable-reads.js'
import { LogRetention } from './log-retention.js'
import { MemberMaintenance } from './maintenance-api.js'
import { Measurements } from './measurements.js'
import { MemberAuthority } from './member-auth.js'
import { MemberClient } from './member-client.js'
import { bounds, type MemberOptions, type MemberSettings, withDefaults } from './member-options.js'
import { MemberServer } from './member-server.js'
import { NO_CONFIGURATION, type Opening, open } from './opening.js'
import { peerHandler } from './peer-handler.js'
import { Proposals } from './proposals.js'
import { Publisher } from './publisher.js'
import { Quota } from './quota.js'
import { RaftLoop, type RaftLoopHandler } from './raft-loop.js'
import { ReplicatedMembership } from './replicated-membership.js'
import { membershipOf, ReplicatedState } from './replicated-state.js'
import { RequestIds } from './request-ids.js'
import { Retirement } from './retirement.js'
import { StateMachine } from './state-machine.js'
import { StateSnapshots } from './state-snapshots.js'
import { StateTransfer } from './state-transfer.js'
import { StateViews } from './state-views.js'

/** Opens a member: what its disk has, or what `bootstrap` says. Rejects when it can't begin. */
export async function openMember(options: MemberOptions): Promise<Member> {
  const log = options.log ?? silentLog
  const { disk, bootstrap, yieldTurn = eventLoopTurn } = options
  const wal = { segmentBytes: withDefaults(options).walSegmentBytes }
  return new Member(options, await open({ disk, bootstrap, yieldTurn, wal, log }), log)
}

/** A member of a cluster, which may be its only one. */
export class Member implements AsyncDisposable {
  readonly id: NodeId
  readonly clusterId: bigint
  /** What the network services stand on. */
  readonly server: EtcdServer
  /** The same for whoever lives in this process and needs no token until there are users. */
  readonly client: StoreClient
  /** What comes from the peers goes here. */
  readonly peerHandler: PeerHandler
  /** Resolves when the member stops by itself: with the error, or `removed` from the cluster. */
  readonly stopped: Promise<unknown>

  readonly #options: MemberSettings
  readonly #opening: Opening
  readonly #log: Log
  readonly #clock: Clock
  readonly #limits: StoreLimits
  readonly #metrics: Metrics
  readonly #state: ReplicatedState
  readonly #raft: RaftNode
  readonly #transport: PeerTransport
  readonly #leadership: Leadership
  readonly #loop: RaftLoop
  readonly #proposals: Proposals
  readonly #confChanges: ConfChanges
  readonly #reads: LinearizableReads
  readonly #leases: LeaseKeeper
  readonly #auth: MemberAuthority
  readonly #applier: EntryApplier
  readonly #cluster: MemberCluster
  readonly #retention: LogRetention
  readonly #views: StateViews
  readonly #snapshots: StateSnapshots | undefined
  readonly #transfer: StateTransfer
  readonly #publisher: Publisher
  readonly #retirement: Retirement
  readonly #corruptionCheck: CorruptionCheck | undefined
  #stop: (reason: unknown) => void = () => undefined
  #isClosed = false

  constructor(options: MemberOptions, opening: Opening, log: Log) {
    this.#options = withDefaults(options)
    this.#opening = opening
    this.#log = log
    this.#clock = options.clock
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#metrics = options.metrics ?? silentMetrics
    this.id = opening.memberId
    this.clusterId = opening.clusterId
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
    this.#retirement = new Retirement({
      clock: this.#clock,
      isLeading: () => this.#loop.status.role === 'leader',
      onDone: () => this.#stop('removed'),
    })
    this.peerHandler = this.#openPeerHandler()
    const ids = new RequestIds(this.id, this.#clock)
    const nextId = () => ids.next()
    this.#transport = options.openTransport({
      id: this.id,
      clusterId: this.clusterId,
      handler: this.peerHandler,
    })
    this.#leadership = this.#openLeadership()
    this.#state = this.#openState()
    this.#raft = openCore(this.id, this.#options, opening)
    this.#proposals = this.#openProposals(nextId)
    this.#confChanges = new ConfChanges({
      clock: this.#clock,
      timeoutMs: this.#timeoutMs,
      propose: (type, data) => this.#loop.proposeConfChange(type, data),
    })
    this.#reads = this.#openReads(nextId)
    this.#leases = this.#openLeases()
    this.#auth = this.#openAuth()
    this.#applier = this.#openApplier()
    this.#retention = this.#openRetention()
    const { yieldTurn = eventLoopTurn } = options
    this.#views = new StateViews(this.#state, () => this.#applier.applied, yieldTurn)
    this.#snapshots = this.#openSnapshots()
    this.#transfer = this.#openTransfer(yieldTurn)
    this.#cluster = this.#openCluster(nextId)
    this.#publisher = this.#openPublisher()
    this.server = this.#openServer()
    this.client = this.#openClient()
    this.#loop = this.#openLoop()
    this.#state.membership.followMembers()
    this.#state.membership.reach(opening.knownMembers)
    this.#campaignIfAlone()
    this.#openMeasurements()
    this.#corruptionCheck = this.#openCorruptionCheck()
    this.#log.info('started member', { id: formatId(this.id), cluster: formatId(this.clusterId) })
  }

  /** Who leads, as far as this member knows; 0n: nobody. */
  get leader(): NodeId {
    return this.#leadership.leader
  }

  /** Whether this member is known by name and can be asked. */
  get isReady(): boolean {
    return this.leader !== 0n && this.#publisher.isPublished
  }

  /** How far the log is agreed upon and applied, and by whom it is led. */
  get raftStatus(): RaftStatus {
    return this.#loop.status
  }

  get machine(): StateMachine {
    return this.#state.machine
  }

  get membership(): Membership {
    return this.#state.membership.current
  }

  /** Does not wait for the election timeout: a cluster of one need not. */
  campaign(): void {
    this.#loop.campaign()
  }

  /**
   * Finishes what is being written, and leaves the disk to whoever comes next. Requests under way
   * end with `Closed`. Who wants no election then makes another member lead before.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#retirement.close()
    this.#publisher.close()
    this.#corruptionCheck?.close()
    await this.#loop.close()
    this.#proposals.close()
    this.#confChanges.close()
    this.#reads.close()
    this.#leases.close()
    await this.#snapshots?.close()
    try {
      await this.#transport.close()
      this.#transfer.close()
      this.#state.machine.close()
      await this.#opening.wal.close()
    } finally {
      // Whatever went wrong: whoever comes next finds what is on the disk.
      await this.#opening.release()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  // How the parts are made

  /** etcd's: what an election and a slow disk may take. */
  get #timeoutMs(): number {
    return 5000 + 2 * this.#options.electionMs
  }

  /** Up to here the log is older than this process. */
  get #loggedIndex(): number {
    const { entries, snapshot } = this.#opening
    return entries.at(-1)?.index ?? snapshot.index
  }

  #openPeerHandler(): PeerHandler {
    return peerHandler({
      retirement: this.#retirement,
      loop: () => this.#loop,
      transfer: () => this.#transfer,
      membership: () => this.membership,
      machine: () => this.machine,
      leases: () => this.#leases,
      cluster: () => this.#cluster,
    })
  }

  #openLeadership(): Leadership {
    return new Leadership({
      selfId: this.id,
      clock: this.#clock,
      transport: this.#transport,
      electionMs: this.#options.electionMs,
    })
  }

  #openState(): ReplicatedState {
    const { clock, ledger = silentLedger, yieldTurn = eventLoopTurn } = this.#options
    const machine = new StateMachine({
      clock,
      ledger,
      limits: this.#limits,
      yieldTurn,
      onLeaseExpired: (id) => this.#leases.expire(id),
      onLeaseCheckpoint: (id, remaining) => this.#leases.checkpoint(id, remaining),
      state: this.#opening.state,
    })
    const membership = new ReplicatedMembership({
      selfId: this.id,
      transport: () => this.#transport,
      log: this.#log,
      onRemoved: () => this.#retirement.begin(),
    })
    const { state, snapshot } = this.#opening
    const auth = new AuthStore()
    if (state !== undefined) {
      auth.restore(state.auth)
      membership.restore(membershipOf(state))
    }
    return new ReplicatedState(machine, auth, membership, snapshot.confState ?? NO_CONFIGURATION)
  }

  #openProposals(nextId: () => bigint): Proposals {
    return new Proposals({
      clock: this.#clock,
      nextId,
      propose: (data) => this.#loop.propose(data),
      timeoutMs: this.#timeoutMs,
      timeoutError: (startedMs) => this.#leadership.timeoutError(startedMs),
      pendingMax: bounds.pendingMax,
      // What travels with the request proper is bounded apart.
      requestBytesMax: this.#limits.requestBytesMax + bounds.requestOverheadBytes,
      onFailed: () => this.#metrics.server.proposalsFailed.add(),
    })
  }

  #openReads(nextId: () => bigint): LinearizableReads {
    return new LinearizableReads({
      clock: this.#clock,
      nextId,
      readIndex: (context) => this.#loop.readIndex(context),
      appliedIndex: () => this.#applier.appliedIndex,
      isAlone: () => this.#isAlone(),
      retryMs: 500,
      timeoutMs: this.#timeoutMs,
      pendingMax: bounds.pendingMax,
      metrics: this.#metrics.server,
    })
  }

  #openLeases(): LeaseKeeper {
    return new LeaseKeeper({
      id: this.id,
      machine: this.#state.machine,
      transport: this.#transport,
      clock: this.#clock,
      log: this.#log,
      leader: () => this.leader,
      isLeading: () => this.#loop.status.role === 'leader',
      propose: (command, signal) => this.#proposals.propose(command, MEMBER_ASKS, signal),
      confirm: () => this.#reads.confirm(),
      timeoutMs: this.#timeoutMs,
      promotionExtraSeconds: Math.ceil(this.#options.electionMs / 1000),
    })
  }

  #openAuth(): MemberAuthority {
    const { clock, random } = this.#options
    return new MemberAuthority({
      store: this.#state.auth,
      tokens: this.#options.tokens ?? new SimpleTokens({ clock, random, ttlMs: bounds.tokenTtlMs }),
      machine: this.#state.machine,
      bcryptCost: this.#options.bcryptCost,
      propose: (command, author, signal) => this.#proposals.propose(command, author, signal),
      confirm: () => this.#reads.confirm(),
      applyingIndex: () => this.#applier.appliedIndex + 1,
      firstNewIndex: this.#loggedIndex + 1,
    })
  }

  #openApplier(): EntryApplier {
    const { membership, machine } = this.#state
    const { index, term } = this.#opening.snapshot
    return new EntryApplier(
      {
        machine,
        proposals: this.#proposals,
        cluster: membership,
        guard: this.#auth,
        confChanges: this.#confChanges,
        onConfChange: (change) => {
          const confState = this.#raft.applyConfChange(change)
          this.#state.confState = confState
          return confState
        },
        onTerm: (entered) => this.#leases.onTerm(entered, this.#raft.term),
        clock: this.#clock,
        metrics: this.#metrics,
        log: this.#log,
      },
      { index, term },
    )
  }

  #openRetention(): LogRetention {
    return new LogRetention({
      selfId: this.id,
      raft: this.#raft,
      state: this.#state,
      catchUpEntries: this.#options.catchUpEntries,
    })
  }

  #openSnapshots(): StateSnapshots | undefined {
    const { snapshots, wal, snapshot, stateBytes } = this.#opening
    if (snapshots === undefined) return undefined
    return new StateSnapshots(
      {
        store: snapshots,
        wal,
        log: this.#log,
        view: () => this.#views.take(),
        write: (view) => this.#views.write(view),
        entriesPerSnapshot: this.#options.snapshotEntries,
        kept: this.#options.snapshotsKept,
        onFailure: (error) => this.#stop(error),
      },
      { index: snapshot.index, sizeBytes: stateBytes },
    )
  }

  #openTransfer(yieldTurn: YieldTurn): StateTransfer {
    return new StateTransfer({
      view: () => this.#views.take(),
      write: (view) => this.#views.write(view),
      read: (bytes) => readState(bytes, yieldTurn),
      store: this.#opening.snapshots,
    })
  }

  #openCluster(nextId: () => bigint): MemberCluster {
    return new MemberCluster({
      selfId: this.id,
      clock: this.#clock,
      membership: this.#state.membership,
      confChanges: this.#confChanges,
      transport: this.#transport,
      nextId,
      isStrict: this.#options.strictReconfigCheck,
      raft: () => this.#loop.status,
      header: () => this.#state.machine.header(),
      confirm: () => this.#reads.confirm(),
      assertAdmin: (caller) => this.#assertAdmin(caller),
    })
  }

  #openServer(): EtcdServer {
    const { machine } = this.#state
    return new MemberServer({
      machine,
      proposals: this.#proposals,
      reads: this.#reads,
      leases: this.#leases,
      auth: this.#auth,
      cluster: this.#cluster,
      maintenance: this.#openMaintenance(),
      limits: this.#limits,
      random: this.#options.random,
      quota: new Quota({
        memberId: this.id,
        hasSpaceFor: (bytes) => machine.hasSpaceFor(bytes),
        isAlarmed: () => machine.alarms.has('nospace'),
        propose: (command) => this.#proposals.propose(command),
      }),
      identity: () => this.#identity(),
      assertServing: () => this.#assertServing(),
    })
  }

  #openClient(): MemberClient {
    return new MemberClient({
      server: this.server,
      machine: this.#state.machine,
      caller: {},
      ledger: this.#options.ledger ?? silentLedger,
      queueBatchesMax: this.#limits.watchQueueBatchesMax,
    })
  }

  #openLoop(): RaftLoop {
    return new RaftLoop({
      raft: this.#raft,
      wal: this.#opening.wal,
      transport: this.#transport,
      clock: this.#clock,
      tickMs: this.#options.heartbeatMs,
      handler: this.#handleReady(),
    })
  }

  #openMaintenance(): MemberMaintenance {
    const { heartbeatMs, electionMs } = this.#options
    return new MemberMaintenance({
      selfId: this.id,
      machine: this.#state.machine,
      membership: this.#state.membership,
      clock: this.#clock,
      raft: () => this.#loop.status,
      appliedIndex: () => this.#applier.appliedIndex,
      quotaBytes: this.#limits.quotaBytes,
      propose: (command, caller) =>
        this.#proposals.propose(command, this.#auth.authorOf(caller), caller.signal),
      transferLeadership: (to) => this.#loop.transferLeadership(to),
      confirm: () => this.#reads.confirm(),
      assertAdmin: (caller) => this.#assertAdmin(caller),
      view: () => this.#views.take(),
      writeBackup: (view) => this.#views.writeBackup(view),
      hashDatabase: (view) => this.#views.hash(view),
      saveSnapshot: async () => this.#snapshots?.save(),
      metrics: this.#metrics,
      heartbeatMs,
      electionMs,
    })
  }

  #openPublisher(): Publisher {
    const { name, clientUrls } = this.#options
    return new Publisher({
      selfId: this.id,
      name,
      clientUrls,
      clock: this.#clock,
      log: this.#log,
      membership: this.#state.membership,
      isLeader: () => this.leader === this.id,
      propose: (command, signal) => this.#proposals.propose(command, NOBODY_ASKS, signal),
    })
  }

  #openMeasurements(): void {
    new Measurements({
      metrics: this.#metrics,
      selfId: this.id,
      machine: this.#state.machine,
      limits: this.#limits,
      leader: () => this.leader,
      membership: () => this.membership,
      raft: () => this.#loop.status,
      appliedIndex: () => this.#applier.appliedIndex,
      pendingProposals: () => this.#proposals.size,
      authRevision: () => this.#state.auth.revision,
      expiredLeases: () => this.#leases.expiredCount,
    })
  }

  #openCorruptionCheck(): CorruptionCheck | undefined {
    const { corruptCheckMs: intervalMs } = this.#options
    if (intervalMs === 0) return undefined
    return new CorruptionCheck({
      clock: this.#clock,
      log: this.#log,
      intervalMs,
      isLeading: () => this.#loop.status.role === 'leader',
      confirm: () => this.#reads.confirm(),
      hashKv: (revision) => this.machine.hashKv(revision),
      others: () => this.membership.members.map(({ id }) => id).filter((id) => id !== this.id),
      ask: async (id, revision, signal) => {
        const body = HashKVRequest.encode({ revision })
        return HashKVResponse.decode(await this.#transport.call(id, HASH_KV_PATH, body, signal))
      },
      raise: (memberId) => {
        const alarm = { action: 'activate', memberId, alarm: 'corrupt' } as const
        return this.#proposals.propose({ alarm }, MEMBER_ASKS)
      },
    })
  }

  // What happens

  #handleReady(): RaftLoopHandler {
    return {
      apply: (entries) => this.#applier.apply(entries),
      onApplied: (entries) => this.#onApplied(entries),
      restore: (snapshot) => this.#restore(snapshot),
      onReadStates: (states) => this.#reads.onReadStates(states),
      onSoftState: (state) => this.#onSoftState(state),
      beforeSend: (messages) => this.#transfer.attach(messages),
      onFailure: (error) => {
        this.#log.error('this member stops', { error: String(error) })
        this.#stop(error)
      },
    }
  }

  #onApplied(entries: readonly Entry[]): void {
    const { applied } = this.#applier
    this.#reads.onApplied(applied.index)
    this.#snapshots?.onApplied(
      entries.length,
      entries.reduce((bytes, { data }) => bytes + data.length, 0),
    )
    this.#retention.onApplied(applied)
    if (!this.#publisher.isPublished) this.#publisher.update()
    this.#campaignIfAlone()
  }

  /** Whom should it wait for? */
  #campaignIfAlone(): void {
    if (this.leader !== 0n || !this.#state.isOnlyVoter(this.id)) return
    queueMicrotask(() => this.#loop.campaign())
  }

  /**
   * Nobody else can lead, and all that an earlier run of this member acknowledged is applied: what
   * was acknowledged since was applied before.
   */
  #isAlone(): boolean {
    if (!this.#leadership.isOurs || !this.#state.isOnlyVoter(this.id)) return false
    return this.#applier.appliedTerm === this.#raft.term
  }

  async #restore(snapshot: Snapshot): Promise<void> {
    const { index = 0, term = 0 } = snapshot.metadata ?? {}
    const { snapshotAppliesInProgress } = this.#metrics.server
    this.#log.info("taking over the leader's state", { index })
    snapshotAppliesInProgress.set(1)
    const { state, sizeBytes } = await this.#transfer.take({ index, term })
    this.#state.restore(state)
    snapshotAppliesInProgress.set(0)
    this.#applier.restored({ index, term })
    this.#snapshots?.onRestored(index, sizeBytes)
    this.#reads.onApplied(index)
    this.#publisher.update()
  }

  #onSoftState(state: SoftState): void {
    const hasLeaderChanged = this.#leadership.update(state)
    this.#retirement.onRole()
    if (!hasLeaderChanged) return
    this.#log.info('the leader changed', { leader: formatId(state.leader), role: state.role })
    this.#metrics.server.leaderChanges.add()
    this.#leases.onLeader(state.leader)
    this.#reads.onLeaderChanged()
    if (state.leader === 0n) return
    this.#proposals.retry()
    this.#publisher.update()
  }

  // What the parts ask

  #identity(): Identity {
    return { clusterId: this.clusterId, memberId: this.id, raftTerm: this.#loop.term }
  }

  #assertServing(): void {
    if (this.#isClosed) throw new StoreError({ code: 'Closed' })
    if (this.membership.get(this.id)?.isLearner) {
      throw new StoreError({ code: 'NotSupportedForLearner' })
    }
  }

  #assertAdmin(caller: Caller): void {
    this.#auth.checkAdmin(this.#auth.authorOf(caller))
  }
}

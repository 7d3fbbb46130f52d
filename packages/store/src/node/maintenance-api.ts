import type { StateView } from '../backend/state.js'
import type { Header } from '../client/store-client.js'
import type { Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import type { Histogram, Metrics } from '../metrics/metrics.js'
import type { NodeId, RaftStatus } from '../raft/types.js'
import type {
  Caller,
  HashKvAnswer,
  MaintenanceApi,
  ServerStatus,
  SnapshotStream,
} from '../rpc/etcd-server.js'
import type { AlarmMember, AlarmRequest } from '../wire/maintenance.js'
import { CLUSTER_VERSION, downgradeTarget } from './cluster-version.js'
import type { Command } from './command.js'
import type { ReplicatedMembership } from './replicated-membership.js'
import type { StateMachine } from './state-machine.js'

export interface MaintenanceOptions {
  readonly selfId: NodeId
  readonly machine: StateMachine
  readonly membership: ReplicatedMembership
  readonly clock: Clock
  readonly raft: () => RaftStatus
  readonly appliedIndex: () => number
  readonly quotaBytes: number
  readonly propose: <T>(command: Command, caller: Caller) => Promise<T>
  readonly transferLeadership: (to: NodeId) => void
  readonly confirm: () => Promise<void>
  readonly assertAdmin: (caller: Caller) => void
  readonly view: () => StateView
  readonly writeBackup: (view: StateView) => Promise<SnapshotStream>
  readonly hashDatabase: (view: StateView) => Promise<number>
  /** Writes the state anew and lets go of the log before it. */
  readonly saveSnapshot: () => Promise<void>
  readonly metrics: Pick<Metrics, 'disk' | 'mvcc'>
  readonly heartbeatMs: number
  readonly electionMs: number
}

/** What an operator asks of one member. */
export class MemberMaintenance implements MaintenanceApi {
  readonly #options: MaintenanceOptions

  constructor(options: MaintenanceOptions) {
    this.#options = options
  }

  /** Everybody may look: clients do so to know whether a member is healthy. */
  async alarm(
    request: AlarmRequest,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly alarms: readonly AlarmMember[] }> {
    if (request.action !== 'get') this.#options.assertAdmin(caller)
    return this.#options.propose({ alarm: request }, caller)
  }

  async status(caller: Caller): Promise<ServerStatus> {
    const { machine, membership, selfId, quotaBytes, assertAdmin, appliedIndex } = this.#options
    assertAdmin(caller)
    const raft = this.#options.raft()
    const sizeBytes = machine.databaseBytes
    const alarms = machine.alarms
      .list()
      .map(({ memberId, alarm }) => `memberID:${memberId} alarm:${alarm.toUpperCase()} `)
    return {
      version: CLUSTER_VERSION,
      dbSize: sizeBytes,
      dbSizeInUse: sizeBytes,
      dbSizeQuota: quotaBytes,
      leader: raft.leader,
      raftIndex: raft.commit,
      raftTerm: raft.term,
      raftAppliedIndex: appliedIndex(),
      isLearner: membership.current.get(selfId)?.isLearner ?? false,
      downgradeInfo: membership.current.downgrade,
      errors: raft.leader === 0n ? ['etcdserver: no leader', ...alarms] : alarms,
    }
  }

  /** There are no holes in memory; on disk the log is what has grown. */
  async defragment(caller: Caller): Promise<void> {
    this.#options.assertAdmin(caller)
    const { saveSnapshot, metrics } = this.#options
    await this.#timed(metrics.disk.backendDefragSeconds, saveSnapshot)
  }

  async hash(caller: Caller): Promise<{ readonly header: Header; readonly hash: number }> {
    const { assertAdmin, hashDatabase, machine, view, metrics } = this.#options
    assertAdmin(caller)
    const header = machine.header()
    const hash = await this.#timed(metrics.mvcc.hashSeconds, () => hashDatabase(view()))
    return { header, hash }
  }

  async hashKv(revision: number, caller: Caller): Promise<HashKvAnswer> {
    const { assertAdmin, machine, metrics } = this.#options
    assertAdmin(caller)
    const header = machine.header()
    const hash = await this.#timed(metrics.mvcc.hashKvSeconds, () => machine.hashKv(revision))
    return { header, ...hash }
  }

  async snapshot(caller: Caller): Promise<SnapshotStream> {
    const { assertAdmin, writeBackup, view } = this.#options
    assertAdmin(caller)
    return writeBackup(view())
  }

  async moveLeader(target: bigint, caller: Caller): Promise<void> {
    const { assertAdmin, clock, raft, selfId, membership, electionMs } = this.#options
    assertAdmin(caller)
    if (raft().leader !== selfId) throw new StoreError({ code: 'NotLeader' })
    const member = membership.current.get(target)
    if (member === undefined || member.isLearner) {
      throw new StoreError({ code: 'BadLeaderTransferee' })
    }
    this.#options.transferLeadership(target)
    const deadline = clock.now() + 5000 + 2 * electionMs
    while (raft().leader !== target) {
      if (clock.now() >= deadline) throw new StoreError({ code: 'TimeoutLeaderTransfer' })
      await this.#sleep(this.#options.heartbeatMs)
    }
  }

  async downgrade(
    action: 'validate' | 'enable' | 'cancel',
    version: string,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly version: string }> {
    const { assertAdmin, confirm, machine, membership, propose } = this.#options
    assertAdmin(caller)
    await confirm()
    const { clusterVersion = CLUSTER_VERSION, downgrade } = membership.current
    if (action === 'cancel') {
      if (!downgrade.enabled) throw new StoreError({ code: 'NoInflightDowngrade' })
      await propose({ downgradeInfoSet: { enabled: false } }, caller)
      return { header: machine.header(), version: clusterVersion }
    }
    const target = downgradeTarget(version, clusterVersion)
    if (downgrade.enabled) throw new StoreError({ code: 'DowngradeInProcess' })
    if (action === 'enable') {
      await propose({ downgradeInfoSet: { enabled: true, ver: target } }, caller)
    }
    return { header: machine.header(), version: clusterVersion }
  }

  async #timed<T>(seconds: Histogram, work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options
    const begunMs = clock.now()
    const answer = await work()
    seconds.observe((clock.now() - begunMs) / 1000)
    return answer
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimer(ms, resolve))
  }
}

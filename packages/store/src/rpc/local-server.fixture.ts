import { createHash } from 'node:crypto'
import { FROM_KEY } from '../client/key-range.js'
import type { StoreClient } from '../client/store-client.js'
import type { Clock } from '../clock.js'
import { openEmbeddedStore } from '../embedded.js'
import { StoreError } from '../errors.js'
import type { StoreLimits } from '../limits.js'
import type { AlarmMember } from '../wire/maintenance.js'
import type { AuthApi, ClusterApi, EtcdServer, MaintenanceApi } from './etcd-server.js'

const CLUSTER_ID = 0xcdf818194e3a8c32n
const MEMBER_ID = 0x8e9e05c52164694dn

export interface LocalServer extends EtcdServer, AsyncDisposable {
  readonly client: StoreClient
}

/** A member that is alone and keeps everything in memory: the services can be tested without Raft. */
export function openLocalServer(clock: Clock, limits: Partial<StoreLimits> = {}): LocalServer {
  const store = openEmbeddedStore({ clock, limits })
  const { client } = store
  let revision = 1
  // Every write passes here, so that the revision can be told without asking.
  client.subscribe(
    { key: FROM_KEY, rangeEnd: FROM_KEY },
    {
      onBatch: (batch) => {
        revision = batch.revision
      },
      onEnd() {},
    },
  )
  return {
    client,
    identity: () => ({ clusterId: CLUSTER_ID, memberId: MEMBER_ID, raftTerm: 2 }),
    header: () => ({ revision }),
    range: (request) => client.range(request),
    put: ({ key, value, ...options }) => client.put(key, value, options),
    deleteRange: ({ key, rangeEnd, prevKv }) => client.deleteRange({ key, rangeEnd }, { prevKv }),
    txn: (request) => client.txn(request),
    compact: (at, options) => client.compact(at, options),
    leaseGrant: (request) => client.leaseGrant(request),
    leaseRevoke: (id) => client.leaseRevoke(id),
    leaseKeepAlive: (id) => client.leaseKeepAlive(id),
    leaseTimeToLive: (id, options) => client.leaseTimeToLive(id, options),
    leaseLeases: () => client.leaseLeases(),
    subscribe: (range, observer, options) => client.subscribe(range, observer, options),
    cluster: clusterOfOne(() => ({ revision })),
    maintenance: maintenanceOf(client),
    auth: authDisabled(() => ({ revision })),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

function clusterOfOne(header: EtcdServer['header']): ClusterApi {
  const members = [
    {
      id: MEMBER_ID,
      name: 'default',
      peerUrls: ['http://localhost:2380'],
      clientUrls: ['http://localhost:2379'],
      isLearner: false,
    },
  ]
  const notFound = async () => {
    throw new StoreError({ code: 'MemberNotFound' })
  }
  return {
    memberAdd: async () => {
      throw new StoreError({ code: 'PeerUrlExists' })
    },
    memberRemove: notFound,
    memberUpdate: notFound,
    memberPromote: notFound,
    memberList: async () => ({ header: header(), members }),
  }
}

const DATABASE = Buffer.alloc(100_000, 'bbolt')

function maintenanceOf(client: StoreClient): MaintenanceApi {
  let alarms: AlarmMember[] = []
  const header = async () => (await client.status()).header
  return {
    async alarm({ action, alarm, memberId }) {
      const answered = alarms
      if (action === 'activate') alarms = [{ alarm, memberId }]
      if (action === 'deactivate') alarms = []
      return { header: await header(), alarms: action === 'activate' ? alarms : answered }
    },
    async status() {
      const { sizeBytes } = await client.status()
      return {
        version: '3.6.0',
        dbSize: sizeBytes,
        dbSizeInUse: sizeBytes,
        dbSizeQuota: 2 ** 31,
        downgradeInfo: { enabled: false, targetVersion: '' },
        leader: MEMBER_ID,
        raftIndex: 4,
        raftTerm: 2,
        raftAppliedIndex: 4,
        isLearner: false,
        errors: [],
      }
    },
    async defragment() {},
    hash: async () => ({ header: await header(), hash: 1 }),
    hashKv: async () => ({ header: await header(), hash: 2, compactRevision: -1, hashRevision: 1 }),
    async snapshot() {
      const digest = createHash('sha256').update(DATABASE).digest()
      async function* chunks() {
        yield DATABASE
        yield digest
      }
      return { sizeBytes: DATABASE.length + digest.length, chunks: chunks() }
    },
    async moveLeader() {
      throw new StoreError({ code: 'BadLeaderTransferee' })
    },
    downgrade: async (_, version) => ({ header: await header(), version }),
  }
}

function authDisabled(header: EtcdServer['header']): AuthApi {
  const refuse = async () => {
    throw new StoreError({ code: 'AuthNotEnabled' })
  }
  return {
    enable: refuse,
    disable: refuse,
    status: async () => ({ header: header(), isEnabled: false, authRevision: 1 }),
    authenticate: refuse,
    userAdd: refuse,
    userGet: refuse,
    userList: async () => ({ header: header(), users: [] }),
    userDelete: refuse,
    userChangePassword: refuse,
    userGrantRole: refuse,
    userRevokeRole: refuse,
    roleAdd: refuse,
    roleGet: refuse,
    roleList: async () => ({ header: header(), roles: [] }),
    roleDelete: refuse,
    roleGrantPermission: refuse,
    roleRevokePermission: refuse,
  }
}

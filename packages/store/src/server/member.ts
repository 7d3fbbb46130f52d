import type { Clock } from '../clock.js'
import type { Disk } from '../disk/disk.js'
import { openNodeDisk } from '../disk/node-disk.js'
import { defaultLimits, type StoreLimits } from '../limits.js'
import type { Log } from '../log.js'
import { bootstrapCluster } from '../membership/bootstrap.js'
import { parseInitialCluster } from '../membership/urls.js'
import type { Metrics } from '../metrics/metrics.js'
import { CLUSTER_VERSION } from '../node/cluster-version.js'
import { type Member, openMember } from '../node/member.js'
import { fetchMembers } from '../peer/http/fetch-members.js'
import { type HttpPeers, openHttpPeers } from '../peer/http/http-peers.js'
import type { ClientTls } from '../peer/http/peer-client.js'
import type { Random } from '../random.js'
import { openTokens } from './auth-tokens.js'
import type { Settings } from './config/options/options.js'
import { measured } from './disk/measured-disk.js'
import { withoutSync } from './disk/unsynced-disk.js'
import { forceNewCluster } from './force-new-cluster.js'

export interface MemberContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly tls: ClientTls | undefined
  /** As advertised, with the ports that were given. */
  readonly peerUrls: readonly string[]
  readonly clientUrls: readonly string[]
}

const MIN_CLUSTER_VERSION = '3.0.0'

/** The member that the settings describe, with its way to its peers. */
export async function openConfiguredMember(
  settings: Settings,
  context: MemberContext,
): Promise<{ readonly member: Member; readonly peers: HttpPeers }> {
  const { clock, random, log, metrics, tls } = context
  const disk = diskOf(settings, context)
  if (settings['force-new-cluster']) await forceNewCluster(disk, log)
  let peers: HttpPeers | undefined
  const member = await openMember({
    name: settings.name,
    clientUrls: context.clientUrls,
    bootstrap: () => bootstrap(settings, context),
    openTransport({ id, clusterId, handler }) {
      const identity = {
        id,
        clusterId,
        version: CLUSTER_VERSION,
        minClusterVersion: MIN_CLUSTER_VERSION,
      }
      const { peerUrls } = context
      const network = metrics.network
      peers = openHttpPeers({ identity, peerUrls, handler, clock, tls, log, metrics: network })
      return peers
    },
    clock,
    random,
    log,
    metrics,
    disk,
    tokens: openTokens(settings, { clock, random }),
    limits: limitsOf(settings),
    heartbeatMs: settings['heartbeat-interval'],
    electionMs: settings['election-timeout'],
    preVote: settings['pre-vote'],
    snapshotEntries: settings['snapshot-count'],
    catchUpEntries: settings['snapshot-catchup-entries'],
    // 0: all of them.
    snapshotsKept: settings['max-snapshots'] || Number.POSITIVE_INFINITY,
    strictReconfigCheck: settings['strict-reconfig-check'],
    bcryptCost: settings['bcrypt-cost'],
    corruptCheckMs: settings['corrupt-check-time'],
  })
  if (peers === undefined) throw new Error('a member without a way to its peers')
  return { member, peers }
}

function diskOf(settings: Settings, { metrics, clock }: MemberContext): Disk {
  const disk = openNodeDisk(settings['data-dir'])
  return measured(settings['unsafe-no-fsync'] ? withoutSync(disk) : disk, metrics.disk, clock)
}

/** Who begins the cluster, or who is in it already. */
async function bootstrap(settings: Settings, { clock, log, tls, peerUrls }: MemberContext) {
  const state = settings['initial-cluster-state']
  const configured = parseInitialCluster(settings['initial-cluster'])
  // Whoever lets the machine choose the port can't know it beforehand.
  const isOpen = configured.get(settings.name)?.some((url) => url.endsWith(':0')) === true
  const found = await bootstrapCluster({
    initialCluster: isOpen ? new Map([...configured, [settings.name, peerUrls]]) : configured,
    state,
    token: settings['initial-cluster-token'],
    ourName: settings.name,
    ourPeerUrls: peerUrls,
    fetchMembers: (urls) => fetchMembers(urls, { clock, log, tls }),
  })
  return { ...found, isNewCluster: state === 'new' }
}

/** etcd's: negative is without a bound, 0 the default. */
function quotaOf(bytes: number): number {
  if (bytes < 0) return Number.POSITIVE_INFINITY
  return bytes === 0 ? defaultLimits.quotaBytes : bytes
}

const limitsOf = (settings: Settings): Partial<StoreLimits> => ({
  txnOpsMax: settings['max-txn-ops'],
  requestBytesMax: settings['max-request-bytes'],
  quotaBytes: quotaOf(settings['quota-backend-bytes']),
  compactRecordsPerSlice: settings['compaction-batch-limit'],
  progressNotifyIntervalMs: settings['watch-progress-notify-interval'],
  // Shorter than an election it could end without anybody to renew it.
  leaseTtlSecondsMin: Math.ceil((1.5 * settings['election-timeout']) / 1000),
})

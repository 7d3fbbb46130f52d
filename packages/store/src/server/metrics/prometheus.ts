import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Metrics } from '../../metrics/metrics.js'
import { exponential, MetricFactory } from './factory.js'
import { grpcMetrics, networkMetrics } from './network.js'
import { diskMetrics, leaseMetrics, mvccMetrics } from './storage.js'

export interface PrometheusOptions {
  readonly serverVersion: string
  readonly clusterVersion: () => string | undefined
  /** Also how long each gRPC method takes: `--metrics extensive`. */
  readonly isExtensive: boolean
}

export interface Prometheus {
  readonly metrics: Metrics
  /** A check of `/health`, `/livez` or `/readyz` has been made. */
  checked(check: { type: string; name: string; isHealthy: boolean }): void
  readonly contentType: string
  /** Everything, in Prometheus' text format. */
  text(): Promise<string>
}

/** A member's metrics under etcd's names, in a registry of their own. */
export function openPrometheus(options: PrometheusOptions): Prometheus {
  const registry = new Registry()
  const factory = new MetricFactory(registry)
  const refreshes: (() => void)[] = []
  const member = memberMetrics(factory)
  const setVersions = versionMetrics(factory, options)
  collectDefaultMetrics({ register: registry })
  return {
    metrics: {
      server: member.server,
      disk: diskMetrics(factory),
      mvcc: mvccMetrics(factory),
      lease: leaseMetrics(factory),
      network: networkMetrics(factory, () => member.id()),
      grpc: grpcMetrics(factory, options.isExtensive),
      beforeScrape: (refresh) => refreshes.push(refresh),
    },
    checked: checkMetrics(factory),
    contentType: registry.contentType,
    text() {
      for (const refresh of refreshes) refresh()
      setVersions()
      return registry.metrics()
    },
  }
}

function memberMetrics(factory: MetricFactory): { server: Metrics['server']; id: () => string } {
  let memberId = ''
  const ids = factory.gauges('etcd_server_id', "The member's id, as a label.", ['server_id'])
  const gauge = (name: string, help: string) => factory.gauge(`etcd_server_${name}`, help)
  const counter = (name: string, help: string) => factory.counter(`etcd_server_${name}`, help)
  const server: Metrics['server'] = {
    hasLeader: gauge('has_leader', 'Whether there is a leader: 1 or 0.'),
    isLeader: gauge('is_leader', 'Whether this member leads: 1 or 0.'),
    isLearner: gauge('is_learner', 'Whether this member is a learner: 1 or 0.'),
    setId(id) {
      if (id !== memberId) ids.reset()
      memberId = id
      ids.set({ server_id: id }, 1)
    },
    leaderChanges: counter('leader_changes_seen_total', 'Changes of the leader.'),
    learnerPromotions: counter('learner_promote_successes', 'Learners made voters here.'),
    heartbeatSendFailures: counter('heartbeat_send_failures_total', 'Heartbeats sent too late.'),
    proposalsCommitted: gauge('proposals_committed_total', 'Entries agreed upon.'),
    proposalsApplied: gauge('proposals_applied_total', 'Entries applied.'),
    proposalsPending: gauge('proposals_pending', 'Proposals that wait for an answer.'),
    proposalsFailed: counter('proposals_failed_total', 'Proposals that failed.'),
    slowApplies: counter('slow_apply_total', 'Entries that took long to apply.'),
    applySeconds: factory.histogram(
      'etcd_server_apply_duration_seconds',
      'How long an entry takes to apply.',
      exponential(0.0001, 2, 20),
    ),
    slowReadIndexes: counter('slow_read_indexes_total', 'Linearizable reads that waited long.'),
    readIndexesFailed: counter('read_indexes_failed_total', 'Linearizable reads that failed.'),
    snapshotAppliesInProgress: gauge(
      'snapshot_apply_in_progress_total',
      'Whether the state of the leader is being taken over: 1 or 0.',
    ),
    quotaBytes: gauge('quota_backend_bytes', 'The quota of the database.'),
    authRevision: factory.gauge('etcd_debugging_auth_revision', "The users' revision."),
  }
  return { server, id: () => memberId }
}

/** Facts as labels. */
function versionMetrics(factory: MetricFactory, options: PrometheusOptions): () => void {
  const fact = (name: string, help: string, label: string, value: string) =>
    factory.gauges(name, help, [label]).set({ [label]: value }, 1)
  fact('etcd_server_version', 'The version, as a label.', 'server_version', options.serverVersion)
  const cluster = factory.gauges('etcd_cluster_version', "The cluster's version, as a label.", [
    'cluster_version',
  ])
  return () => {
    const version = options.clusterVersion()
    cluster.reset()
    if (version !== undefined)
      cluster.set({ cluster_version: version.split('.').slice(0, 2).join('.') }, 1)
  }
}

function checkMetrics(factory: MetricFactory): Prometheus['checked'] {
  const successes = factory.counter('etcd_server_health_success', 'Good answers of /health.')
  const failures = factory.counter('etcd_server_health_failures', 'Bad answers of /health.')
  const results = factory.gauges('etcd_server_healthcheck', 'What each check last found.', [
    'type',
    'name',
  ])
  const counts = factory.counters('etcd_server_healthchecks_total', 'How often.', [
    'type',
    'name',
    'status',
  ])
  return ({ type, name, isHealthy }) => {
    if (type === 'health') return (isHealthy ? successes : failures).add()
    results.set({ type, name }, isHealthy ? 1 : 0)
    counts.inc({ type, name, status: isHealthy ? 'success' : 'error' })
  }
}

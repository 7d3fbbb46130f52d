import type { Server as HttpServer } from 'node:http'
import type { Clock } from '../clock.js'
import { StoreError, type StoreErrorCode } from '../errors.js'
import { CLUSTER_VERSION } from '../node/cluster-version.js'
import type { Member } from '../node/member.js'
import type { EtcdServer } from '../rpc/etcd-server.js'
import { etcdServices } from '../rpc/etcd-services.js'
import { createGateway } from '../rpc/gateway/create-gateway.js'
import { type GrpcServer, serveGrpc } from '../rpc/grpc/serve-grpc.js'
import { defaultRpcLimits, type RpcLimits } from '../rpc/limits.js'
import type { Settings } from './config/options/options.js'
import { restrictAccess } from './http/access.js'
import { firstOf, type HttpHandler, notFound } from './http/handler.js'
import { type HealthSource, healthHandlers } from './http/health.js'
import { httpServer } from './http/http-server.js'
import { metricsHandler } from './http/metrics.js'
import { versionHandler } from './http/version.js'
import type { ProgramLog } from './log/json-log.js'
import { callMetrics, timeCalls } from './metrics/call-metrics.js'
import type { Prometheus } from './metrics/prometheus.js'

/** What clients reach, on connections that somebody else accepts. */
export interface ClientServices {
  readonly grpc: GrpcServer
  /** The gateway, and what `monitoring` has. */
  readonly http: HttpServer
  /** Metrics and health alone. */
  readonly monitoring: HttpServer
}

export interface ServicesContext {
  readonly clock: Clock
  readonly log: ProgramLog
  readonly prometheus: Prometheus
}

export function openClientServices(
  member: Member,
  settings: Settings,
  { clock, log, prometheus }: ServicesContext,
): ClientServices {
  const limits: RpcLimits = {
    ...defaultRpcLimits,
    requestBytesMax: settings['max-request-bytes'],
    txnOpsMax: settings['max-txn-ops'],
    concurrentStreamsMax: settings['max-concurrent-streams'],
  }
  const isLearner = () => member.membership.get(member.id)?.isLearner === true
  const leadership = {
    hasLeader: () => member.leader !== 0n,
    isLearner,
    electionTimeoutMs: settings['election-timeout'],
  }
  const plain = etcdServices(member.server, { clock, limits, leadership })
  const { metrics } = prometheus
  const services = settings.metrics === 'extensive' ? timeCalls(plain, metrics, clock) : plain
  const observer = callMetrics(metrics, log.of('rpc/grpc'))
  const monitoring = firstOf(
    metricsHandler(prometheus),
    healthHandlers({
      source: healthOf(member),
      log: log.of('server/http/health.ts'),
      onChecked: prometheus.checked,
    }),
  )
  const clusterVersion = () => member.membership.clusterVersion ?? 'not_decided'
  const handlers: HttpHandler[] = [
    restrictAccess({ origins: settings.cors, hosts: settings['host-whitelist'] }),
    monitoring,
    versionHandler(CLUSTER_VERSION, clusterVersion),
  ]
  if (settings['enable-grpc-gateway']) handlers.push(createGateway(services, { limits, observer }))
  const grpc = serveGrpc(services, {
    clock,
    limits,
    certificatesNameUsers: settings['client-cert-auth'],
    keepaliveIntervalMs: settings['grpc-keepalive-interval'],
    keepaliveTimeoutMs: settings['grpc-keepalive-timeout'],
    keepaliveMinTimeMs: settings['grpc-keepalive-min-time'],
    observer,
  })
  return {
    grpc,
    http: httpServer(firstOf(...handlers, notFound), 'clients'),
    monitoring: httpServer(firstOf(monitoring, notFound), 'clients'),
  }
}

const healthOf = (member: Member): HealthSource => ({
  alarms: () => member.machine.alarms.list().map(({ alarm }) => alarm.toUpperCase()),
  hasLeader: () => member.leader !== 0n,
  isLearner: () => member.membership.get(member.id)?.isLearner === true,
  read: (serializable) => readAnything(member.server, serializable),
})

/** Shows that requests are answered, if only with the refusal to somebody who is nobody. */
async function readAnything(server: EtcdServer, serializable: boolean): Promise<void> {
  try {
    await server.range({ key: 'health', limit: 1, keysOnly: true, serializable }, {})
  } catch (error) {
    const refusals: readonly StoreErrorCode[] = ['UserEmpty', 'PermissionDenied']
    if (!(error instanceof StoreError && refusals.includes(error.code))) throw error
  }
}

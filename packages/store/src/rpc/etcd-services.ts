import type { Clock } from '../clock.js'
import type { EtcdServer } from './etcd-server.js'
import { type Leadership, withLeadership } from './leadership.js'
import { defaultRpcLimits, type RpcLimits } from './limits.js'
import type { Service } from './service.js'
import { authService } from './services/auth.js'
import { clusterService } from './services/cluster.js'
import { electionService } from './services/election.js'
import { healthService } from './services/health.js'
import { kvService } from './services/kv.js'
import { leaseService } from './services/lease.js'
import { lockService } from './services/lock.js'
import { maintenanceService } from './services/maintenance.js'
import { watchService } from './services/watch.js'

export interface EtcdServicesOptions {
  readonly clock: Clock
  readonly limits?: Partial<RpcLimits> | undefined
  /** Default: a member that leads itself. */
  readonly leadership?: Leadership | undefined
}

/** Everything that an etcd serves to its clients, whatever carries it. */
export function etcdServices(server: EtcdServer, options: EtcdServicesOptions): Service[] {
  const limits = { ...defaultRpcLimits, ...options.limits }
  const services = [
    kvService(server, limits),
    watchService(server, limits),
    leaseService(server),
    clusterService(server),
    maintenanceService(server),
    authService(server),
    lockService(server),
    electionService(server),
  ]
  const { leadership, clock } = options
  const guarded = leadership ? withLeadership(services, leadership, clock) : services
  return [...guarded, healthService()]
}

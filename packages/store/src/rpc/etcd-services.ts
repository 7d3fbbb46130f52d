import type { EtcdServer } from './etcd-server.js'
import { defaultRpcLimits, type RpcLimits } from './limits.js'
import type { Service } from './service.js'
import { kvService } from './services/kv.js'

export interface EtcdServicesOptions {
  readonly limits?: Partial<RpcLimits> | undefined
}

/** Everything that an etcd serves to its clients. */
export function etcdServices(server: EtcdServer, options: EtcdServicesOptions): Service[] {
  const limits = { ...defaultRpcLimits, ...options.limits }
  return [kvService(server, limits)]
}

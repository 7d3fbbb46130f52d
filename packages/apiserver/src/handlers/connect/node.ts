import { type Node, type NodeConnection, notFound } from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import type { Services } from '../scope.js'

const NODES = { group: '', resource: 'nodes' }

/** Where a kubelet of a Node listens, as the Node says. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** Throws 404 when there is no such Node, and 500 when it has no address. */
export async function nodeAddress(services: Services, name: string): Promise<NodeAddress> {
  const definition = services.catalog.byResource('', 'v1', 'nodes')
  const nodes = definition && (await services.resources.ready(definition))
  const stored = await nodes?.storage.get(undefined, name)
  if (!stored) throw notFound(NODES, name)
  const { status } = stored.object as unknown as Node
  const addresses = status.addresses ?? []
  const host = PREFERRED.map((type) => addresses.find((one) => one.type === type)).find(Boolean)
  if (!host) {
    const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(' ')
    throw plainServerError(`no preferred addresses found; known addresses: [${known}]`)
  }
  return { host: host.address, port: status.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250 }
}

const PREFERRED = ['InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS', 'Hostname']

/** Throws 500 with the network's words when nobody answers at the Node; `doing` was tried. */
export async function dialNode(
  services: Services,
  name: string,
  doing: (address: NodeAddress) => string,
): Promise<NodeConnection> {
  const address = await nodeAddress(services, name)
  const connection = services.dialNode?.(name)
  if (connection) return connection
  const { host, port } = address
  throw plainServerError(`${doing(address)}: dial tcp ${host}:${port}: connect: connection refused`)
}

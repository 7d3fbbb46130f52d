import {
  type FieldError,
  FieldPath,
  internalError,
  invalid,
  invalidValue,
  type Service,
} from '@miniplane/api'
import { ClusterIPs } from '../networking/cluster-ips.js'
import type { Allocation, StrategyContext } from '../strategy.js'
import { takePorts } from './service-ports.js'
import { PortRange } from './service-ranges.js'
import { needsClusterIP } from './service-types.js'

const SPEC = FieldPath.of('spec')
const FULL = 'range is full'

export interface ServiceRanges {
  /** CIDR that cluster IPs are taken from. */
  readonly clusterIPs: string
  readonly nodePorts: { readonly from: number; readonly to: number }
}

export const DEFAULT_RANGES: ServiceRanges = {
  clusterIPs: '10.0.0.0/24',
  nodePorts: { from: 30000, to: 32767 },
}

/**
 * Hands out cluster IPs and node ports. Which ports are taken is read from the Services themselves,
 * so nothing can leak and nothing has to be repaired; only writes that are under way are kept here.
 */
export class ServiceAllocator {
  readonly #addresses: ClusterIPs
  readonly #ports: PortRange

  constructor({ clusterIPs, nodePorts }: ServiceRanges = DEFAULT_RANGES) {
    this.#addresses = new ClusterIPs(clusterIPs)
    this.#ports = new PortRange(nodePorts.from, nodePorts.to)
  }

  /** Fills in what `draft` needs and does not have. Throws a `StatusError` for what it can't get. */
  async allocate(
    draft: Service,
    stored: Service | undefined,
    context: StrategyContext,
  ): Promise<Allocation> {
    const taken: Undo[] = []
    const rollback = async () => {
      for (const undo of taken.splice(0)) await undo()
    }
    try {
      await this.#giveClusterIP(draft, stored, context, taken)
      const services = [...context.lister.list('', 'services')] as unknown as Service[]
      this.#ports.refresh(services.flatMap(portsOf))
      taken.push(takePorts(this.#ports, draft, stored, context))
    } catch (error) {
      await rollback()
      throw error
    }
    // Committed ports are let go when the Services show them: see `refresh`.
    const commit = () => this.#releaseUnused(stored, draft, context)
    return { commit, rollback }
  }

  /** Addresses and ports of a Service that is gone. */
  async release(service: Service, context: StrategyContext): Promise<void> {
    for (const port of portsOf(service)) this.#ports.release(port)
    await this.#releaseUnused(service, undefined, context)
  }

  async #releaseUnused(
    before: Service | undefined,
    after: Service | undefined,
    context: StrategyContext,
  ): Promise<void> {
    const kept = after ? addressesOf(after) : []
    for (const address of before ? addressesOf(before) : [])
      if (!kept.includes(address)) await this.#addresses.release(address, context)
  }

  async #giveClusterIP(
    draft: Service,
    stored: Service | undefined,
    context: StrategyContext,
    taken: Undo[],
  ): Promise<void> {
    const { spec } = draft
    // Who had an address keeps it: another one is what validation refuses.
    if (stored && needsClusterIP(stored.spec.type)) return
    if (!needsClusterIP(spec.type) || spec.clusterIPs?.[0] === 'None') return
    const wanted = spec.clusterIPs?.[0]
    const found = await this.#addresses.take(draft, wanted || undefined, context)
    const name = JSON.stringify(draft.metadata.name ?? '')
    if (!found) throw internalError(`failed to allocate a serviceIP for Service ${name}: ${FULL}`)
    if ('fault' in found) {
      const detail = `failed to allocate IP ${wanted}: ${found.fault}`
      const shown = spec.clusterIPs ?? [wanted]
      throw refusal(draft, invalidValue(SPEC.child('clusterIPs'), shown, detail))
    }
    const { address } = found
    taken.push(() => this.#addresses.release(address, context))
    spec.clusterIP = address
    spec.clusterIPs = [address]
  }
}

type Undo = () => void | Promise<void>

const refusal = (draft: Service, error: FieldError) =>
  invalid({ group: '', kind: 'Service' }, draft.metadata.name ?? '', [error])

const addressesOf = ({ spec }: Service): string[] =>
  (spec.clusterIPs ?? []).filter((address) => address !== 'None')

const portsOf = ({ spec }: Service): number[] =>
  [...(spec.ports ?? []).map(({ nodePort }) => nodePort), spec.healthCheckNodePort].filter(
    (port) => port !== undefined && port > 0,
  ) as number[]

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
import { PortRange } from './service-ranges.js'
import { needsClusterIP, needsHealthCheckPort, needsNodePort } from './service-types.js'

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
      this.#givePorts(draft, stored, context, taken)
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
    if (!needsClusterIP(spec.type) || spec.clusterIP === 'None') return
    const wanted = spec.clusterIPs?.[0] ?? spec.clusterIP
    if (wanted && stored?.spec.clusterIPs?.[0] === wanted) return
    const found = await this.#addresses.take(draft, wanted || undefined, context)
    if (!found) throw internalError(`failed to allocate a serviceIP: ${FULL}`)
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

  #givePorts(
    draft: Service,
    stored: Service | undefined,
    context: StrategyContext,
    taken: Undo[],
  ): void {
    const { spec } = draft
    const kept = new Set(stored ? portsOf(stored) : [])
    const give = (
      wanted: number | undefined,
      refuse: (fault: string) => Error,
      fullText: string,
    ): number => {
      if (wanted && kept.has(wanted)) return wanted
      const port = take(this.#ports, wanted || undefined, context, refuse)
      if (port === undefined) throw internalError(fullText)
      taken.push(() => this.#ports.release(port))
      return port
    }
    if (needsNodePort(spec)) {
      const given = new Map<number, Set<string>>()
      for (const [i, port] of (spec.ports ?? []).entries()) {
        // One number serves several protocols of the same Service.
        const shared = port.nodePort ? given.get(port.nodePort) : undefined
        if (!shared) {
          const at = SPEC.child('ports').index(i).child('nodePort')
          const refuse = (fault: string) => refusal(draft, invalidValue(at, port.nodePort, fault))
          port.nodePort = give(port.nodePort, refuse, `failed to allocate a nodePort: ${FULL}`)
        }
        const protocols = given.get(port.nodePort as number) ?? new Set()
        given.set(port.nodePort as number, protocols.add(port.protocol ?? 'TCP'))
      }
    }
    if (needsHealthCheckPort(spec)) {
      const wanted = spec.healthCheckNodePort
      const failed = 'failed to allocate requested HealthCheck NodePort'
      spec.healthCheckNodePort = give(
        wanted,
        (fault) => internalError(`${failed} ${wanted}: ${fault}`),
        `failed to allocate a HealthCheck NodePort 0: ${FULL}`,
      )
    }
  }
}

type Undo = () => void | Promise<void>

/** The wanted one, or any; undefined when none is left. `refuse` makes the error for a wanted one. */
function take(
  ports: PortRange,
  wanted: number | undefined,
  { random, dryRun }: StrategyContext,
  refuse: (fault: string) => Error,
): number | undefined {
  if (wanted === undefined) return ports.takeAny(random)
  const fault = ports.take(wanted, dryRun)
  if (fault !== undefined) throw refuse(fault)
  return wanted
}

const refusal = (draft: Service, error: FieldError) =>
  invalid({ group: '', kind: 'Service' }, draft.metadata.name ?? '', [error])

const addressesOf = ({ spec }: Service): string[] =>
  (spec.clusterIPs ?? []).filter((address) => address !== 'None')

const portsOf = ({ spec }: Service): number[] =>
  [...(spec.ports ?? []).map(({ nodePort }) => nodePort), spec.healthCheckNodePort].filter(
    (port) => port !== undefined && port > 0,
  ) as number[]

import {
  type FieldError,
  FieldPath,
  internalError,
  invalid,
  invalidValue,
  type Service,
} from '@miniplane/api'
import type { Allocation, StrategyContext } from '../strategy.js'
import { AddressRange, type Pool, PortRange } from './service-ranges.js'
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
 * Hands out cluster IPs and node ports. What is taken is read from the Services themselves, so
 * nothing can leak and nothing has to be repaired; only writes that are under way are kept here.
 */
export class ServiceAllocator {
  readonly #addresses: AddressRange
  readonly #ports: PortRange

  constructor({ clusterIPs, nodePorts }: ServiceRanges = DEFAULT_RANGES) {
    this.#addresses = new AddressRange(clusterIPs)
    this.#ports = new PortRange(nodePorts.from, nodePorts.to)
  }

  /** Fills in what `draft` needs and does not have. Throws a `StatusError` for what it can't get. */
  allocate(draft: Service, stored: Service | undefined, context: StrategyContext): Allocation {
    const services = [...context.lister.list('', 'services')] as unknown as Service[]
    const taken: (() => void)[] = []
    const release = () => {
      for (const undo of taken.splice(0)) undo()
    }
    this.#addresses.refresh(services.flatMap(addressesOf))
    this.#ports.refresh(services.flatMap(portsOf))
    try {
      this.#giveClusterIP(draft, stored, context, taken)
      this.#givePorts(draft, stored, context, taken)
    } catch (error) {
      release()
      throw error
    }
    // Committed ones are let go when the Services show them: see `refresh`.
    return { commit() {}, rollback: release }
  }

  /** Addresses and ports of a Service that is gone. */
  release(service: Service): void {
    for (const address of addressesOf(service)) this.#addresses.release(address)
    for (const port of portsOf(service)) this.#ports.release(port)
  }

  #giveClusterIP(
    draft: Service,
    stored: Service | undefined,
    context: StrategyContext,
    taken: (() => void)[],
  ): void {
    const { spec } = draft
    if (!needsClusterIP(spec.type) || spec.clusterIP === 'None') return
    const wanted = spec.clusterIPs?.[0] ?? spec.clusterIP
    if (wanted && stored?.spec.clusterIPs?.[0] === wanted) return
    const refuse = (fault: string) =>
      refusal(draft, invalidValue(SPEC.child('clusterIPs'), spec.clusterIPs ?? [wanted], fault))
    const address = take(this.#addresses, wanted || undefined, context, (fault) =>
      refuse(`failed to allocate IP ${wanted}: ${fault}`),
    )
    if (address === undefined) throw internalError(`failed to allocate a serviceIP: ${FULL}`)
    taken.push(() => this.#addresses.release(address))
    spec.clusterIP = address
    spec.clusterIPs = [address]
  }

  #givePorts(
    draft: Service,
    stored: Service | undefined,
    context: StrategyContext,
    taken: (() => void)[],
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

/** The wanted one, or any; undefined when none is left. `refuse` makes the error for a wanted one. */
function take<T>(
  pool: Pool<T>,
  wanted: T | undefined,
  { random, dryRun }: StrategyContext,
  refuse: (fault: string) => Error,
): T | undefined {
  if (wanted === undefined) return pool.takeAny(random)
  const fault = pool.take(wanted, dryRun)
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

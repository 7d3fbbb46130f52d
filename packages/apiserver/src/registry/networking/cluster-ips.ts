import type { KubeObject, Service, ServiceCIDR } from '@miniplane/api'
import { AddressRange } from '../core/service-ranges.js'
import type { StrategyContext } from '../strategy.js'

const GROUP = 'networking.k8s.io'
const OUTSIDE = 'the provided network does not match the current range'
const TAKEN = 'provided IP is already allocated'

/**
 * Hands out cluster IPs from the ranges that the ServiceCIDRs give. One is taken when an IPAddress
 * has its name, whoever made that; those of Services are made and removed here (KEP-1880).
 */
export class ClusterIPs {
  readonly #ranges = new Map<string, AddressRange>()

  constructor(private readonly defaultRange: string) {}

  /** The address, or why `wanted` can't be had; undefined when there is none left. */
  async take(
    service: Service,
    wanted: string | undefined,
    context: StrategyContext,
  ): Promise<{ address: string } | { fault: string } | undefined> {
    const ranges = this.#readyRanges(context)
    const range = wanted === undefined ? undefined : rangeOf(wanted, ranges, context.dryRun)
    if (wanted !== undefined && !range) return { fault: OUTSIDE }
    if (context.dryRun) return dryRunOf(range ?? ranges[0], wanted)
    for (;;) {
      const fault = wanted !== undefined && range?.take(wanted)
      if (fault) return { fault }
      const address = wanted ?? takeAny(ranges, context)
      if (address === undefined) return undefined
      // Over a store that others write to as well, the cache may not know of one yet.
      const object = ipAddressOf(address, service)
      if (await context.companions.create(GROUP, 'ipaddresses', object)) return { address }
      if (wanted !== undefined) return { fault: TAKEN }
    }
  }

  async release(address: string, context: StrategyContext): Promise<void> {
    for (const range of this.#ranges.values()) range.release(address)
    if (context.dryRun) return
    await context.companions.remove(GROUP, 'ipaddresses', undefined, address)
  }

  /** The default one first, each with what is taken of it by now. */
  #readyRanges({ lister }: StrategyContext): AddressRange[] {
    const cidrs = new Set(
      ([...lister.list(GROUP, 'servicecidrs')] as unknown as ServiceCIDR[])
        .filter(isReady)
        .flatMap(({ spec }) => spec.cidrs ?? [])
        .filter((cidr) => !cidr.includes(':')),
    )
    if (cidrs.size === 0) cidrs.add(this.defaultRange)
    const taken = [...lister.list(GROUP, 'ipaddresses')].map(({ metadata }) => metadata.name ?? '')
    return [...cidrs]
      .sort((a, b) => Number(b === this.defaultRange) - Number(a === this.defaultRange))
      .map((cidr) => {
        const range = this.#ranges.get(cidr) ?? new AddressRange(cidr)
        this.#ranges.set(cidr, range)
        range.refresh(taken)
        return range
      })
  }
}

/** Where nobody says whether it is, it is: not every cluster has the controller that does. */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return !metadata.deletionTimestamp && (ready === undefined || ready.status === 'True')
}

/** A dry run asks no more than whether an address is of the range, and shows the range's own. */
function dryRunOf(range: AddressRange | undefined, wanted: string | undefined) {
  if (!range) return undefined
  const fault = wanted === undefined ? undefined : range.faultOf(wanted)
  return fault === undefined ? { address: wanted ?? range.network } : { fault }
}

/** A dry run asks any of them, which is to say the first. */
const rangeOf = (address: string, ranges: readonly AddressRange[], isDryRun: boolean) =>
  ranges.find((range) => range.covers(address)) ?? (isDryRun ? ranges[0] : undefined)

function takeAny(ranges: readonly AddressRange[], { random }: StrategyContext): string | undefined {
  for (const range of ranges) {
    const address = range.takeAny(random)
    if (address !== undefined) return address
  }
  return undefined
}

/** For Services that were written before there were IPAddresses. */
export const addressesOfServices = (lister: StrategyContext['lister']): KubeObject[] =>
  ([...lister.list('', 'services')] as unknown as Service[]).flatMap((service) =>
    (service.spec.clusterIPs ?? [])
      .filter((address) => /^[0-9.]+$/.test(address))
      .map((address) => ipAddressOf(address, service)),
  )

function ipAddressOf(address: string, { metadata }: Pick<Service, 'metadata'>): KubeObject {
  const { namespace, name } = metadata
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'IPAddress',
    metadata: {
      name: address,
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  }
}

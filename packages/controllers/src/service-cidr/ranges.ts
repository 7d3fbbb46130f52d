import { BlockList } from 'node:net'
import type { ServiceCIDR } from '@miniplane/api'

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

/** Whether one of the object's ranges has the address. */
export function contains({ spec }: ServiceCIDR, address: string): boolean {
  const list = new BlockList()
  for (const cidr of spec?.cidrs ?? []) {
    const [start = '', bits = ''] = cidr.split('/')
    list.addSubnet(start, Number(bits), familyOf(start))
  }
  return list.check(address, familyOf(address))
}

/** Whether somebody of `others` has every address of all these ranges. */
export function isCovered({ spec }: ServiceCIDR, others: readonly ServiceCIDR[]): boolean {
  return (spec?.cidrs ?? []).every((cidr) => others.some((other) => includes(other, cidr)))
}

function includes({ spec }: ServiceCIDR, cidr: string): boolean {
  const [start = '', bits = ''] = cidr.split('/')
  return (spec?.cidrs ?? []).some(
    (own) =>
      Number(own.split('/')[1]) <= Number(bits) &&
      contains({ spec: { cidrs: [own] } } as ServiceCIDR, start),
  )
}

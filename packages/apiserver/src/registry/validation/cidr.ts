import { BlockList, isIPv4 } from 'node:net'

interface Network {
  readonly address: string
  readonly bits: number
}

function networkOf(cidr: string): Network {
  const [address = '', bits = '0'] = cidr.split('/')
  return { address, bits: Number(bits) }
}

function blocksOf({ address, bits }: Network): BlockList {
  const blocks = new BlockList()
  blocks.addSubnet(address, bits, isIPv4(address) ? 'ipv4' : 'ipv6')
  return blocks
}

/** Whether `inner` is a part of `outer` and not all of it. Both are valid. */
export function isStrictSubnet(inner: string, outer: string): boolean {
  const [part, whole] = [networkOf(inner), networkOf(outer)]
  if (part.bits <= whole.bits || isIPv4(part.address) !== isIPv4(whole.address)) return false
  return blocksOf(whole).check(part.address, isIPv4(part.address) ? 'ipv4' : 'ipv6')
}

/** Whether the address of a valid IPv4 CIDR has bits that its mask does not keep. */
export function hasHostBits(cidr: string): boolean {
  const { address, bits } = networkOf(cidr)
  if (!isIPv4(address)) return false
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return number % 2 ** (32 - bits) !== 0
}

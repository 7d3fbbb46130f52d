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

/** Whether the address of a valid CIDR has bits that its mask does not keep. */
export function hasHostBits(cidr: string): boolean {
  const { address, bits } = networkOf(cidr)
  const groups = isIPv4(address)
    ? address.split('.').map((part) => [BigInt(part), 8n] as const)
    : groupsOf(address).map((part) => [part, 16n] as const)
  let number = 0n
  for (const [part, width] of groups) number = (number << width) | part
  const free = BigInt((isIPv4(address) ? 32 : 128) - bits)
  return (number & ((1n << free) - 1n)) !== 0n
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): bigint[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const read = (text: string) => text.split(':').filter(Boolean)
  const [before, after] = [read(head), read(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((group) => BigInt(`0x${group}`))
}

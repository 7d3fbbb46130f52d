import { BlockList, isIP } from 'node:net'
import { type FieldError, type FieldPath, invalidValue } from '@miniplane/api'

interface Range {
  readonly blocks: BlockList
  readonly fault: string
}

function range(fault: string, v4: readonly [string, number], v6: readonly [string, number]): Range {
  const blocks = new BlockList()
  blocks.addSubnet(v4[0], v4[1], 'ipv4')
  blocks.addSubnet(v6[0], v6[1], 'ipv6')
  return { blocks, fault }
}

/** Addresses that mean the machine itself, its link or nobody, in the order of the checks. */
const RANGES: readonly Range[] = [
  range('may not be unspecified', ['0.0.0.0', 32], ['::', 128]),
  range('may not be in the loopback range (127.0.0.0/8, ::1/128)', ['127.0.0.0', 8], ['::1', 128]),
  range(
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
    ['169.254.0.0', 16],
    ['fe80::', 10],
  ),
  range(
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    ['224.0.0.0', 24],
    ['ff02::', 16],
  ),
]

/** An address where traffic can be sent to: not one that leads back or nowhere. */
export function validateEndpointIP(address: string, path: FieldPath, errors: FieldError[]): void {
  const family = isIP(address)
  if (family === 0) {
    errors.push(invalidValue(path, address, 'must be a valid IP address'))
    return
  }
  for (const { blocks, fault } of RANGES) {
    if (!blocks.check(address, family === 4 ? 'ipv4' : 'ipv6')) continue
    const detail = fault === 'may not be unspecified' ? `${fault} (${address})` : fault
    errors.push(invalidValue(path, address, detail))
  }
}

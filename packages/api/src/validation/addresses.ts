import { isIP } from 'node:net'

/** 4 or 6, or 0 for what is no address. Zones (`fe80::1%eth0`) are none. */
export function ipFamilyOf(value: string): 0 | 4 | 6 {
  return value.includes('%') ? 0 : (isIP(value) as 0 | 4 | 6)
}

/** Empty when valid, otherwise Kubernetes' message. */
export function isValidIP(value: string): string[] {
  if (ipFamilyOf(value) !== 0) return []
  return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
}

/** `address/prefix length`; empty when valid, otherwise Kubernetes' message. */
export function isValidCidr(value: string): string[] {
  const [address = '', length = '', ...rest] = value.split('/')
  const family = ipFamilyOf(address)
  const fits = /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)
  if (family !== 0 && fits && rest.length === 0) return []
  return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
}

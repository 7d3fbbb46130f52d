import { createHash } from 'node:crypto'

/**
 * Who a member is follows from how it was introduced, so that members that are started apart, with
 * the same list, agree on all ids. Source: etcd, membership.
 *
 * `nowSeconds` (Unix time) is for members that are added at run time: one that comes back with the
 * URLs of a removed one is somebody else.
 */
export function memberIdOf(
  peerUrls: readonly string[],
  clusterToken: string,
  nowSeconds?: number,
): bigint {
  const hash = createHash('sha1')
  for (const url of [...peerUrls].sort(byBytes)) hash.update(url)
  hash.update(clusterToken)
  if (nowSeconds !== undefined) hash.update(String(nowSeconds))
  return hash.digest().readBigUInt64BE(0)
}

/** A cluster's id: that of the members it begins with; it stays when they change. */
export function clusterIdOf(memberIds: readonly bigint[]): bigint {
  const hash = createHash('sha1')
  for (const id of [...memberIds].sort(byId)) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(id)
    hash.update(bytes)
  }
  return hash.digest().readBigUInt64BE(0)
}

/** As etcd writes ids in URLs, headers, keys and texts. */
export const formatId = (id: bigint): string => id.toString(16)

/** Undefined: it is none. */
export const parseId = (text: string): bigint | undefined =>
  /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined

export const byId = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

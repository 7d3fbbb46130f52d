import type { IncomingHttpHeaders } from 'node:http'
import { formatId, parseId } from '../../membership/ids.js'
import type { NodeId } from '../../raft/types.js'

/** Who we are, as each request and answer between members says it. Source: etcd, rafthttp. */
export interface PeerIdentity {
  readonly id: NodeId
  readonly clusterId: bigint
  /** `3.6.0`. */
  readonly version: string
  /** Members of older clusters than this can't be talked to. */
  readonly minClusterVersion: string
}

export const CLUSTER_ID_HEADER = 'X-Etcd-Cluster-ID'
export const VERSION_HEADER = 'X-Server-Version'
export const RAFT_TO_HEADER = 'X-Raft-To'
const FROM_HEADER = 'X-Server-From'
const MIN_CLUSTER_VERSION_HEADER = 'X-Min-Cluster-Version'
const PEER_URLS_HEADER = 'X-PeerURLs'

export const INCOMPATIBLE_VERSION = 'incompatible version'
export const CLUSTER_ID_MISMATCH = 'cluster ID mismatch'

/** With our URLs, so that a member that doesn't know us yet can answer. */
export function identityHeaders(
  { id, clusterId, version, minClusterVersion }: PeerIdentity,
  ourPeerUrls: readonly string[],
): Record<string, string> {
  return {
    [FROM_HEADER]: formatId(id),
    [VERSION_HEADER]: version,
    [MIN_CLUSTER_VERSION_HEADER]: minClusterVersion,
    [CLUSTER_ID_HEADER]: formatId(clusterId),
    ...(ourPeerUrls.length === 0 ? {} : { [PEER_URLS_HEADER]: ourPeerUrls.join(',') }),
  }
}

/** Why we can't talk to whom these headers come from; undefined: we can. */
export function incompatibility(
  headers: IncomingHttpHeaders,
  { version, minClusterVersion, clusterId }: PeerIdentity,
): string | undefined {
  const theirs = header(headers, VERSION_HEADER) ?? '2.0.0'
  const theirMinimum = header(headers, MIN_CLUSTER_VERSION_HEADER) ?? '2.0.0'
  if (isOlder(theirs, minClusterVersion) || isOlder(version, theirMinimum)) {
    return INCOMPATIBLE_VERSION
  }
  if (header(headers, CLUSTER_ID_HEADER) !== formatId(clusterId)) return CLUSTER_ID_MISMATCH
  return undefined
}

/** Undefined: it doesn't say who it is. */
export const senderOf = (headers: IncomingHttpHeaders): NodeId | undefined =>
  parseId(header(headers, FROM_HEADER) ?? '')

/** Of the sender; none if it doesn't say them. */
export const peerUrlsOf = (headers: IncomingHttpHeaders): string[] =>
  (header(headers, PEER_URLS_HEADER) ?? '').split(',').filter((url) => url !== '')

export const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name.toLowerCase()]
  return Array.isArray(value) ? value[0] : value
}

/** Patches don't count. What is no version is older than any. */
function isOlder(version: string, than: string): boolean {
  const [major, minor] = majorMinor(version)
  const [thanMajor, thanMinor] = majorMinor(than)
  return major < thanMajor || (major === thanMajor && minor < thanMinor)
}

function majorMinor(version: string): [number, number] {
  const parts = /^(\d{1,6})\.(\d{1,6})\./.exec(version)
  return [Number(parts?.[1] ?? -1), Number(parts?.[2] ?? -1)]
}

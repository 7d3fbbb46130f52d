import { createHash, type Hash } from 'node:crypto'
import { formatMicroTime, formatTime } from '@miniplane/api'

/** Whom other servers of the cluster find here. */
export interface ServerIdentity {
  /** The machine's name. */
  readonly hostname: string
  /** Of this process. */
  readonly uid: string
  /** Where the server can be reached: `host:port`. */
  readonly advertised: string
  /** Milliseconds since the epoch. */
  readonly nowMs: number
}

const LEASE_SECONDS = 3600
const HASH_BYTES = 16
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * The lease by which a server says that it lives (KEP-1965), named after its machine, and since
 * when the use of old tokens is tracked (KEP-2799).
 */
export function identityObjects(server: ServerIdentity): object[] {
  const { hostname, uid, advertised, nowMs } = server
  const name = identityOf(createHash('sha256').update(hostname))
  const annotations = { 'kubernetes.io/peer-advertise-address': advertised }
  const labels = {
    'apiserver.kubernetes.io/identity': 'kube-apiserver',
    'kubernetes.io/hostname': hostname,
  }
  return [
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-system', labels, annotations },
      spec: {
        holderIdentity: `${name}_${uid}`,
        leaseDurationSeconds: LEASE_SECONDS,
        renewTime: formatMicroTime(nowMs),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'kube-apiserver-legacy-service-account-token-tracking',
        namespace: 'kube-system',
      },
      data: { since: formatTime(nowMs).slice(0, 'yyyy-mm-dd'.length) },
    },
  ]
}

const identityOf = (hash: Hash): string =>
  `apiserver-${base32(hash.digest().subarray(0, HASH_BYTES))}`

/** RFC 4648 §6 in small letters, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

import { AuthenticateRequest, AuthenticateResponse } from '../../wire/auth.js'
import {
  CompactionRequest,
  CompactionResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
} from '../../wire/kv.js'
import {
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseLeasesRequest,
  LeaseLeasesResponse,
  LeaseRevokeRequest,
  LeaseRevokeResponse,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
} from '../../wire/lease.js'
import { StatusRequest, StatusResponse } from '../../wire/maintenance.js'
import type { MessageType } from '../../wire/message.js'
import { WatchRequest, WatchResponse } from '../../wire/watch.js'

/** A remote procedure: where it is, and what goes there and back. */
export interface Method<Init, Answer> {
  readonly path: string
  /** Questions and answers go on for as long as both like. */
  readonly isStream: boolean
  encode(request: Init): Buffer
  decode(bytes: Buffer): Answer
}

export function method<Init, Answer>(
  path: string,
  request: Pick<MessageType<unknown, Init>, 'encode'>,
  response: Pick<MessageType<Answer>, 'decode'>,
  isStream = false,
): Method<Init, Answer> {
  return {
    path: `/etcdserverpb.${path}`,
    isStream,
    encode(init) {
      const { buffer, byteOffset, length } = request.encode(init)
      return Buffer.from(buffer, byteOffset, length)
    },
    decode: (bytes) => response.decode(bytes),
  }
}

export const methods = {
  range: method('KV/Range', RangeRequest, RangeResponse),
  put: method('KV/Put', PutRequest, PutResponse),
  deleteRange: method('KV/DeleteRange', DeleteRangeRequest, DeleteRangeResponse),
  txn: method('KV/Txn', TxnRequest, TxnResponse),
  compact: method('KV/Compact', CompactionRequest, CompactionResponse),
  watch: method('Watch/Watch', WatchRequest, WatchResponse, true),
  leaseGrant: method('Lease/LeaseGrant', LeaseGrantRequest, LeaseGrantResponse),
  leaseRevoke: method('Lease/LeaseRevoke', LeaseRevokeRequest, LeaseRevokeResponse),
  leaseKeepAlive: method(
    'Lease/LeaseKeepAlive',
    LeaseKeepAliveRequest,
    LeaseKeepAliveResponse,
    true,
  ),
  leaseTimeToLive: method('Lease/LeaseTimeToLive', LeaseTimeToLiveRequest, LeaseTimeToLiveResponse),
  leaseLeases: method('Lease/LeaseLeases', LeaseLeasesRequest, LeaseLeasesResponse),
  status: method('Maintenance/Status', StatusRequest, StatusResponse),
  authenticate: method('Auth/Authenticate', AuthenticateRequest, AuthenticateResponse),
} as const

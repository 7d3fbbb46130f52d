import { type EtcdErrorCode, etcdText, StoreError } from '../../errors.js'
import { MemberPromoteRequest } from '../../wire/cluster.js'
import { LeaseTimeToLiveRequest, LeaseTimeToLiveResponse } from '../../wire/lease.js'
import { message, optional } from '../../wire/message.js'

/**
 * What members ask each other besides Raft, as etcd's requests. Both ends of it: what
 * `PeerTransport.call` is given, and what `PeerHandler.call` is given again on the other side.
 */
export interface CallRoute {
  /** As in `PeerTransport.call`. */
  readonly path: string
  /** The URL's path; where `isPrefix`, what follows is part of the request. */
  readonly urlPath: string
  readonly isPrefix: boolean
  toHttp(body: Uint8Array): { readonly urlSuffix: string; readonly body: Uint8Array }
  /** Undefined: no such request. */
  fromHttp(urlSuffix: string, body: Uint8Array): Uint8Array | undefined
  /** Of the answer. */
  encodeAnswer(answer: Uint8Array): Uint8Array
  decodeAnswer(answer: Uint8Array): Uint8Array
}

const LeaseInternalRequest = message('leasepb.LeaseInternalRequest', {
  leaseTimeToLiveRequest: optional(1, LeaseTimeToLiveRequest),
})
const LeaseInternalResponse = message('leasepb.LeaseInternalResponse', {
  leaseTimeToLiveResponse: optional(1, LeaseTimeToLiveResponse),
})

const asIs = (bytes: Uint8Array): Uint8Array => bytes
const NOTHING = new Uint8Array(0)

const keepAlive: CallRoute = {
  path: 'leases/keepalive',
  urlPath: '/leases',
  isPrefix: false,
  toHttp: (body) => ({ urlSuffix: '', body }),
  fromHttp: (_, body) => body,
  encodeAnswer: asIs,
  decodeAnswer: asIs,
}

const timeToLive: CallRoute = {
  path: 'leases/timetolive',
  urlPath: '/leases/internal',
  isPrefix: false,
  toHttp: (body) => ({
    urlSuffix: '',
    body: LeaseInternalRequest.encode({
      leaseTimeToLiveRequest: LeaseTimeToLiveRequest.decode(body),
    }),
  }),
  fromHttp(_, body) {
    const request = LeaseInternalRequest.decode(body).leaseTimeToLiveRequest
    return request && LeaseTimeToLiveRequest.encode(request)
  },
  encodeAnswer: (answer) =>
    LeaseInternalResponse.encode({
      leaseTimeToLiveResponse: LeaseTimeToLiveResponse.decode(answer),
    }),
  decodeAnswer: (answer) =>
    LeaseTimeToLiveResponse.encode(
      LeaseInternalResponse.decode(answer).leaseTimeToLiveResponse ?? {},
    ),
}

/** The id is in the URL, in decimal; the answer is `GET /members`'s. */
const promote: CallRoute = {
  path: 'members/promote',
  urlPath: '/members/promote/',
  isPrefix: true,
  toHttp: (body) => ({ urlSuffix: String(MemberPromoteRequest.decode(body).id), body: NOTHING }),
  fromHttp: (suffix) =>
    /^\d{1,20}$/.test(suffix)
      ? MemberPromoteRequest.encode({ id: BigInt.asUintN(64, BigInt(suffix)) })
      : undefined,
  encodeAnswer: asIs,
  decodeAnswer: asIs,
}

const hashKv: CallRoute = {
  path: 'members/hashkv',
  urlPath: '/members/hashkv',
  isPrefix: false,
  toHttp: (body) => ({ urlSuffix: '', body }),
  fromHttp: (_, body) => body,
  encodeAnswer: asIs,
  decodeAnswer: asIs,
}

export const callRoutes: readonly CallRoute[] = [keepAlive, timeToLive, promote, hashKv]

/** A refusal as it travels. Source: etcd, lease/leasehttp and api/etcdhttp. */
export function refusalToHttp(error: StoreError): {
  readonly status: number
  readonly text: string
} {
  switch (error.code) {
    case 'LeaseNotFound':
      return { status: 404, text: 'lease not found' }
    case 'MemberNotFound':
      return { status: 404, text: 'membership: ID not found' }
    case 'MemberNotLearner':
      return { status: 412, text: 'membership: can only promote a learner member' }
    case 'LearnerNotReady':
      return { status: 412, text: error.message }
    case 'Timeout':
      return { status: 408, text: error.message }
    default:
      return { status: 400, text: error.message }
  }
}

const otherTexts: readonly (readonly [string, EtcdErrorCode])[] = [
  ['lease not found', 'LeaseNotFound'],
  ['membership: ID not found', 'MemberNotFound'],
  ['membership: can only promote a learner member', 'MemberNotLearner'],
  ['waiting for node to catch up its applied index has timed out', 'Timeout'],
]

/** The refusal that a text stands for; undefined: none that we know. */
export function refusalFromHttp(text: string): StoreError | undefined {
  const found = otherTexts.find(([known]) => known === text)?.[1]
  const code =
    found ?? (Object.keys(etcdText) as EtcdErrorCode[]).find((code) => etcdText[code] === text)
  if (code === undefined || code === 'Compacted' || code === 'FutureRevision') return undefined
  return new StoreError({ code })
}

import { header, KeyValue } from './kv.js'
import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, enumOf, int64, integer, key, string } from './scalars.js'

/** etcdserverpb's Watch service. */

export const Event = message('mvccpb.Event', {
  type: field(1, enumOf({ put: [0, 'PUT'], delete: [1, 'DELETE'] })),
  kv: optional(2, KeyValue),
  prevKv: optional(3, KeyValue),
})
export type Event = Decoded<typeof Event>

export const WatchCreateRequest = message('etcdserverpb.WatchCreateRequest', {
  key: field(1, key),
  rangeEnd: field(2, key),
  startRevision: field(3, integer),
  progressNotify: field(4, bool),
  filters: repeated(5, enumOf({ noput: [0, 'NOPUT'], nodelete: [1, 'NODELETE'] })),
  prevKv: field(6, bool),
  watchId: field(7, int64),
  fragment: field(8, bool),
})
export type WatchCreateRequest = Decoded<typeof WatchCreateRequest>

export const WatchCancelRequest = message('etcdserverpb.WatchCancelRequest', {
  watchId: field(1, int64),
})

export const WatchProgressRequest = message('etcdserverpb.WatchProgressRequest', {})

/** Exactly one is set. */
export const WatchRequest = message('etcdserverpb.WatchRequest', {
  createRequest: optional(1, WatchCreateRequest),
  cancelRequest: optional(2, WatchCancelRequest),
  progressRequest: optional(3, WatchProgressRequest),
})
export type WatchRequest = Decoded<typeof WatchRequest>

export const WatchResponse = message('etcdserverpb.WatchResponse', {
  header,
  watchId: field(2, int64),
  created: field(3, bool),
  canceled: field(4, bool),
  compactRevision: field(5, integer),
  cancelReason: field(6, string),
  fragment: field(7, bool),
  events: repeated(11, Event),
})
export type WatchResponse = Decoded<typeof WatchResponse>

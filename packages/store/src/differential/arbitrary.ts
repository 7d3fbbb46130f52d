import fc from 'fast-check'
import { type KeyRange, upperBound } from '../client/key-range.js'
import type {
  Compare,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
  WatchOptions,
} from '../client/store-client.js'
import type { Operation } from './operation.js'

/** Operations that are likely to meet: few keys, small revisions, few leases. */

/** Few, so that too many are met. */
export const TXN_OPS_MAX = 4

const key = fc.constantFrom('a', 'b', 'c', 'ab', 'a/1', '\0', '\xff\xfe')
const anyKey = fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant('') })
const value = fc.constantFrom('', '1', '2', '10', '\xff').map((text) => Buffer.from(text, 'latin1'))
const leaseId = fc.constantFrom(1n, 2n, 3n)
const revision = fc.integer({ min: -1, max: 45 })
const past = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: revision })

const range: fc.Arbitrary<KeyRange> = fc.oneof(
  anyKey.map((key) => ({ key })),
  fc.record({ key: anyKey, rangeEnd: fc.oneof(key, fc.constant('\0')) }),
  fc.constant({ key: '\0', rangeEnd: '\0' }),
)

/** `T` without most of its optional fields. */
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] })

const rangeRequest: fc.Arbitrary<RangeRequest> = fc
  .tuple(
    range,
    some({
      revision: past,
      limit: fc.integer({ min: -1, max: 4 }),
      sortOrder: fc.constantFrom('none', 'ascend', 'descend'),
      sortTarget: fc.constantFrom('key', 'version', 'create', 'mod', 'value'),
    }),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: some({
          countOnly: fc.boolean(),
          keysOnly: fc.boolean(),
          minModRevision: revision,
          maxModRevision: revision,
          minCreateRevision: revision,
          maxCreateRevision: revision,
        }),
      },
    ),
  )
  .map(([...parts]) => Object.assign({}, ...parts) as RangeRequest)

const putRequest: fc.Arbitrary<PutRequest> = fc
  .tuple(
    fc.record({ key: anyKey, value }),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: some({
          lease: fc.oneof(leaseId, fc.constant(0n)),
          prevKv: fc.boolean(),
          ignoreValue: fc.boolean(),
          ignoreLease: fc.boolean(),
        }),
      },
    ),
  )
  .map(([base, options]) => ({ ...base, ...options }))

const deleteRequest = fc
  .tuple(range, some({ prevKv: fc.boolean() }))
  .map(([keys, options]) => ({ ...keys, ...options }))

const op = fc.constantFrom('=', '!=', '<', '>')
const operand = fc.oneof(
  fc.record({
    target: fc.constantFrom('version', 'create', 'mod'),
    operand: fc.integer({ min: 0, max: 12 }),
  }),
  fc.record({ target: fc.constant('lease'), operand: fc.constantFrom(0n, 1n, 2n) }),
  fc.record({ target: fc.constant('value'), operand: value }),
)

const compare = fc
  .tuple(range, op, operand)
  .map(([keys, op, operand]) => ({ ...keys, op, ...operand }) as Compare)

const { txn } = fc.letrec<{ txn: TxnRequest; requestOp: RequestOp }>((tie) => ({
  txn: fc.record(
    {
      compare: fc.array(compare, { maxLength: TXN_OPS_MAX + 1, size: 'xsmall' }),
      success: fc.array(tie('requestOp'), { maxLength: TXN_OPS_MAX + 1, size: 'xsmall' }),
      failure: fc.array(tie('requestOp'), { maxLength: TXN_OPS_MAX + 1, size: 'xsmall' }),
    },
    { requiredKeys: [] },
  ),
  requestOp: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: putRequest.map((request) => ({ type: 'put', ...request })) },
    { weight: 3, arbitrary: rangeRequest.map((request) => ({ type: 'range', ...request })) },
    { weight: 2, arbitrary: deleteRequest.map((request) => ({ type: 'deleteRange', ...request })) },
    { weight: 1, arbitrary: tie('txn').map((request) => ({ type: 'txn', ...request })) },
  ) as fc.Arbitrary<RequestOp>,
}))

/** etcd refuses to watch nothing; a client's watch of it is its own affair. */
const watchedRange = range.filter((keys) => upperBound(keys) > keys.key)

const watchOptions: fc.Arbitrary<WatchOptions> = some({
  startRevision: past.map((revision) => Math.max(revision, 0)),
  prevKv: fc.boolean(),
  filters: fc.subarray(['noput', 'nodelete'] as const),
})

const lease: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    ask: fc.constant('leaseGrant' as const),
    request: fc.record({
      id: leaseId,
      ttlSeconds: fc.constantFrom(600, 9_000_000_000, 9_000_000_001),
    }),
  }),
  fc.record({
    ask: fc.constantFrom('leaseRevoke', 'leaseKeepAlive', 'leaseTimeToLive'),
    id: leaseId,
  }),
  fc.constant({ ask: 'leaseLeases' as const }),
)

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: putRequest.map((request) => ({ ask: 'put', request }) as const) },
  { weight: 8, arbitrary: rangeRequest.map((request) => ({ ask: 'range', request }) as const) },
  {
    weight: 5,
    arbitrary: deleteRequest.map((request) => ({ ask: 'deleteRange', request }) as const),
  },
  { weight: 10, arbitrary: txn.map((request) => ({ ask: 'txn', request }) as const) },
  { weight: 4, arbitrary: lease },
  { weight: 1, arbitrary: revision.map((revision) => ({ ask: 'compact', revision }) as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      ask: fc.constant('watch' as const),
      range: watchedRange,
      options: watchOptions,
    }),
  },
)

/** A sequence as long as it takes to get a history. */
export const operations = fc.array(operation, { minLength: 1, maxLength: 80, size: 'max' })

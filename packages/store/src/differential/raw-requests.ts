import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import type { Endpoint } from '../client/grpc/endpoint.js'
import type { EtcdFixture } from '../client/grpc/etcd.fixture.js'
import { methods } from '../client/grpc/methods.js'
import { textOf } from './operation.js'
import type { Difference } from './search.js'

/**
 * Requests as no client of ours makes them: numbers below zero, fields that contradict each other,
 * nothing at all. Not words that don't exist: etcd refuses an unknown order since 3.5 only and takes
 * an unknown compare for true; ours refuses both.
 */

type Name = 'range' | 'put' | 'deleteRange' | 'txn' | 'compact' | LeaseName
type LeaseName = 'leaseGrant' | 'leaseRevoke' | 'leaseTimeToLive'

export interface RawRequest {
  readonly ask: Name
  readonly request: object
}

const key = fc.constantFrom('', 'a', 'b', 'c', '\0', '\xff')
const value = fc.constantFrom('', '1', '2').map((text) => Buffer.from(text))
const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -2, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(-(2 ** 31), 2 ** 31, 2 ** 40) },
)
const id = fc.constantFrom(0n, 1n, 2n, -1n, 2n ** 62n)
const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [] })

const range = some({
  key,
  rangeEnd: key,
  limit: number,
  revision: fc.oneof(fc.constant(0), number),
  sortOrder: fc.constantFrom('none', 'ascend', 'descend'),
  sortTarget: fc.constantFrom('key', 'version', 'create', 'mod', 'value'),
  serializable: fc.boolean(),
  keysOnly: fc.boolean(),
  countOnly: fc.boolean(),
  minModRevision: number,
  maxModRevision: number,
  minCreateRevision: number,
  maxCreateRevision: number,
})
const put = some({
  key,
  value,
  lease: fc.oneof({ weight: 4, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: id }),
  prevKv: fc.boolean(),
  ignoreValue: fc.boolean(),
  ignoreLease: fc.boolean(),
})
const deleteRange = some({ key, rangeEnd: key, prevKv: fc.boolean() })

/** The operand of another target than the one that is compared, or none at all. */
const compare = fc
  .tuple(
    some({
      result: fc.constantFrom('=', '!=', '<', '>'),
      target: fc.constantFrom('version', 'create', 'mod', 'value', 'lease'),
      key,
      rangeEnd: key,
    }),
    fc.oneof(
      fc.constant({}),
      value.map((value) => ({ value })),
      id.map((lease) => ({ lease })),
      fc
        .tuple(fc.constantFrom('version', 'createRevision', 'modRevision'), number)
        .map(([name, operand]) => ({ [name]: operand })),
    ),
  )
  .map(([what, operand]) => ({ ...what, ...operand }))

const { txn } = fc.letrec((tie) => ({
  txn: some({
    compare: fc.array(compare, { maxLength: 3 }),
    success: fc.array(tie('op'), { maxLength: 4 }),
    failure: fc.array(tie('op'), { maxLength: 4 }),
  }),
  op: fc.oneof(
    { maxDepth: 2 },
    fc.constant({}),
    put.map((requestPut) => ({ requestPut })),
    range.map((requestRange) => ({ requestRange })),
    deleteRange.map((requestDeleteRange) => ({ requestDeleteRange })),
    tie('txn').map((requestTxn) => ({ requestTxn })),
  ),
}))

const raw = (ask: Name, request: fc.Arbitrary<unknown>) =>
  request.map((request) => ({ ask, request: request as object }))

const request: fc.Arbitrary<RawRequest> = fc.oneof(
  { weight: 5, arbitrary: raw('range', range) },
  { weight: 5, arbitrary: raw('put', put) },
  { weight: 2, arbitrary: raw('deleteRange', deleteRange) },
  { weight: 5, arbitrary: raw('txn', txn) },
  { weight: 1, arbitrary: raw('compact', some({ revision: number, physical: fc.boolean() })) },
  {
    weight: 1,
    // An id of its own choice would be another one on each server.
    arbitrary: raw('leaseGrant', fc.record({ ttl: number, id: id.filter((one) => one !== 0n) })),
  },
  { weight: 1, arbitrary: raw('leaseRevoke', some({ id })) },
  { weight: 1, arbitrary: raw('leaseTimeToLive', some({ id, keys: fc.boolean() })) },
)

export const rawRequests = fc.array(request, { minLength: 1, maxLength: 60, size: 'max' })

/** The answer or the status, as text; without what tells one server from another. */
async function askRaw(endpoint: Endpoint, { ask, request }: RawRequest): Promise<string> {
  const method = methods[ask]
  const call = endpoint.ask(method as typeof methods.range, request, new Metadata())
  try {
    return textOf(anonymous(await call.answer))
  } catch (error) {
    const { code, details } = error as ServiceError
    return `${status[code]}: ${details}`
  }
}

function anonymous(answer: object): unknown {
  const { header, ttl, ...rest } = answer as { header?: { revision: number }; ttl?: number }
  return { ...rest, revision: header?.revision, ...(ttl !== undefined && { ttl: Math.sign(ttl) }) }
}

/** Asks both the same, one request after the other. */
export async function compareRaw(
  sequence: readonly RawRequest[],
  openOurs: () => Promise<EtcdFixture>,
  openJudge: () => Promise<EtcdFixture>,
): Promise<Difference | undefined> {
  const [opening, judgeOpening] = [openOurs(), openJudge()]
  await using ours = await opening
  await using judge = await judgeOpening
  for (const [after, request] of sequence.entries()) {
    const [a, b] = await Promise.all([
      askRaw(ours.endpoint, request),
      askRaw(judge.endpoint, request),
    ])
    if (a !== b) return { after, asked: 'the last is answered', ours: a, judge: b }
  }
  return undefined
}

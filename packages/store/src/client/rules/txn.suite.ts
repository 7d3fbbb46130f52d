import { describe, expect, it } from 'vitest'
import { prefixRange } from '../key-range.js'
import type { Compare, CompareOperator, RequestOp, TxnRequest } from '../store-client.js'
import { bytes, type OpenFixture, pairs, put, record, revisionOf } from '../store-fixture.js'

const write = (key: string, value = ''): RequestOp => ({ type: 'put', key, value: bytes(value) })
const remove = (key: string, rangeEnd?: string): RequestOp => ({
  type: 'deleteRange',
  key,
  rangeEnd,
})
const read = (key: string, rangeEnd?: string): RequestOp => ({ type: 'range', key, rangeEnd })
const nested = (request: TxnRequest): RequestOp => ({ type: 'txn', ...request })
const exists = (key: string): Compare => ({ key, target: 'version', op: '>', operand: 0 })

export function txnRules(open: OpenFixture): void {
  describe('txn', () => {
    it('[T1] runs the branch that the compares choose', async () => {
      await using store = await open()
      await put(store.client, 'a')
      const request = {
        compare: [exists('a'), exists('b')],
        success: [write('yes')],
        failure: [write('no'), read('a'), remove('a')],
      }
      const failed = await store.client.txn(request)
      expect(failed.succeeded).toBe(false)
      expect(failed.responses.map(({ type }) => type)).toEqual(['put', 'range', 'deleteRange'])
      await put(store.client, 'a')
      await put(store.client, 'b')
      expect((await store.client.txn(request)).succeeded).toBe(true)
      const { kvs } = await store.client.range(prefixRange(''))
      expect(pairs(kvs)).toEqual(['a=', 'b=', 'no=', 'yes='])
    })

    describe('[T2] compares', () => {
      const truths: Record<CompareOperator, readonly [boolean, boolean, boolean]> = {
        '=': [false, true, false],
        '!=': [true, false, true],
        '<': [true, false, false],
        '>': [false, false, true],
      }
      const operators: CompareOperator[] = ['=', '!=', '<', '>']

      it.each(operators)('with %s', async (op) => {
        await using store = await open()
        const { client } = store
        const { id } = await client.leaseGrant({ ttlSeconds: 100, id: 50n })
        await put(client, 'a', 'm')
        const modRevision = await put(client, 'a', 'm')
        await client.put('a', bytes('m'), { lease: id })
        const holds = async (compare: Compare) =>
          (await client.txn({ compare: [compare] })).succeeded
        // Each target with what the key has less than, exactly, and more than.
        const tables: (readonly [Compare, Compare, Compare])[] = [
          triple((operand) => ({ key: 'a', op, target: 'version', operand }), 3),
          triple((operand) => ({ key: 'a', op, target: 'mod', operand }), modRevision + 1),
          triple((operand) => ({ key: 'a', op, target: 'create', operand }), modRevision - 1),
          [51n, 50n, 49n].map((operand) => ({ key: 'a', op, target: 'lease', operand })),
          ['n', 'm', 'ln'].map((value) => ({
            key: 'a',
            op,
            target: 'value',
            operand: bytes(value),
          })),
        ] as (readonly [Compare, Compare, Compare])[]
        for (const table of tables) {
          expect(await Promise.all(table.map(holds)), table[0].target).toEqual(truths[op])
        }
      })

      const triple = (make: (operand: number) => Compare, actual: number) =>
        [make(actual + 1), make(actual), make(actual - 1)] as const
    })

    it.each<[Compare, boolean]>([
      [{ key: 'x', target: 'version', op: '=', operand: 0 }, true],
      [{ key: 'x', target: 'create', op: '=', operand: 0 }, true],
      [{ key: 'x', target: 'mod', op: '<', operand: 1 }, true],
      [{ key: 'x', target: 'lease', op: '=', operand: 0n }, true],
      [{ key: 'x', target: 'value', op: '=', operand: bytes('') }, false],
      [{ key: 'x', target: 'value', op: '!=', operand: bytes('1') }, false],
    ])('[T3] a missing key: %o is %s', async (compare, succeeded) => {
      await using store = await open()
      expect(await store.client.txn({ compare: [compare] })).toMatchObject({ succeeded })
    })

    it('[T4] a compare of a range must hold for every key', async () => {
      await using store = await open()
      await put(store.client, 'p1', 'v')
      await put(store.client, 'p2', 'v')
      const holds = async (prefix: string, value: string) => {
        const compare = { ...prefixRange(prefix), target: 'value', op: '=' } as const
        return (await store.client.txn({ compare: [{ ...compare, operand: bytes(value) }] }))
          .succeeded
      }
      expect(await holds('p', 'v')).toBe(true)
      await put(store.client, 'p3', 'w')
      expect(await holds('p', 'v')).toBe(false)
      expect(await holds('q', 'v')).toBe(false)
      const none = { ...prefixRange('q'), target: 'create', op: '=', operand: 0 } as const
      expect((await store.client.txn({ compare: [none] })).succeeded).toBe(true)
    })

    it('[T5] all changes have one revision; without changes there is none', async () => {
      await using store = await open()
      const before = await put(store.client, 'old')
      const answer = await store.client.txn({ success: [write('a'), write('b'), remove('old')] })
      expect(answer.header.revision).toBe(before + 1)
      const { kvs } = await store.client.range(prefixRange(''))
      expect(kvs.map((kv) => kv.modRevision)).toEqual([before + 1, before + 1])
      const idle = await store.client.txn({ success: [read('a'), remove('old')] })
      expect(idle.header.revision).toBe(before + 1)
    })

    it('[T6] an operation sees what those before it wrote', async () => {
      await using store = await open()
      await put(store.client, 'a', '1')
      const { responses } = await store.client.txn({
        success: [read('a'), write('a', '2'), read('a'), write('b'), remove('c'), read('a', 'z')],
      })
      const seen = responses.flatMap((r) => (r.type === 'range' ? [pairs(r.kvs)] : []))
      expect(seen).toEqual([['a=1'], ['a=2'], ['a=2', 'b=']])
    })

    it('[T7] transactions nest, and compare before anything is written', async () => {
      await using store = await open()
      const answer = await store.client.txn({
        success: [
          write('a', 'outer'),
          nested({
            compare: [exists('a')],
            success: [write('b', 'saw a')],
            failure: [write('b', 'did not see a'), nested({ success: [read('b')] })],
          }),
        ],
      })
      const inner = answer.responses[1]
      expect(inner).toMatchObject({ type: 'txn', succeeded: false, header: answer.header })
      const { kvs } = await store.client.range(prefixRange(''))
      expect(pairs(kvs)).toEqual(['a=outer', 'b=did not see a'])
      expect(kvs.map((kv) => kv.modRevision)).toEqual(Array(2).fill(answer.header.revision))
    })

    it.each<[string, RequestOp[], boolean]>([
      ['two puts', [write('a'), write('a')], false],
      ['a put in a deleted range', [remove('a', 'c'), write('b')], false],
      ['a put before its deletion', [write('b'), remove('a', 'c')], false],
      ['a put beside a deleted range', [remove('a', 'c'), write('c')], true],
      ['a range deleted twice', [remove('a', 'c'), remove('b')], true],
      ['a nested put again', [nested({ success: [write('a')] }), write('a')], false],
      ['a nested deletion of a put', [nested({ failure: [remove('a')] }), write('a')], false],
      ['a nested put in a deleted range', [nested({ success: [write('b')] }), remove('b')], false],
      [
        'branches that exclude each other',
        [nested({ success: [write('a')], failure: [write('a')] })],
        true,
      ],
      [
        'the same put in two nested transactions',
        [nested({ success: [write('a')] }), nested({ success: [write('a')] })],
        false,
      ],
    ])('[T8] %s', async (_name, success, isAllowed) => {
      await using store = await open()
      const before = await revisionOf(store.client)
      if (isAllowed) {
        expect((await store.client.txn({ success })).succeeded).toBe(true)
        return
      }
      const refusal = {
        code: 'DuplicateKey',
        message: 'etcdserver: duplicate key given in txn request',
      }
      await expect(store.client.txn({ success })).rejects.toMatchObject(refusal)
      await expect(store.client.txn({ failure: success })).rejects.toMatchObject(refusal)
      expect(await revisionOf(store.client)).toBe(before)
    })

    it('[T8] a deletion without an end takes its turn among the puts', async () => {
      await using store = await open()
      const { client } = store
      await put(client, 'b', 'old')
      const from = { type: 'deleteRange', key: 'a', rangeEnd: '\0', prevKv: true } as const
      const watch = record(client, prefixRange(''))
      const first = await client.txn({ success: [write('a'), from, write('b', 'new')] })
      const { revision } = first.header
      const [deleted] = first.responses.flatMap((r) => (r.type === 'deleteRange' ? [r] : []))
      expect(pairs(deleted?.prevKvs ?? [])).toEqual(['a=', 'b=old'])
      const { kvs } = await client.range(prefixRange(''))
      expect(kvs).toMatchObject([
        { key: 'b', version: 1, createRevision: revision, modRevision: revision },
      ])
      const second = await client.txn({ success: [write('b', 'newer'), from] })
      expect((await client.range(prefixRange(''))).count).toBe(0)
      const at = { ...prefixRange(''), revision }
      expect(pairs((await client.range(at)).kvs)).toEqual(['b=new'])
      await client.compact(second.header.revision, { physical: true })
      expect((await client.range(prefixRange(''))).count).toBe(0)
      await watch.first(2)
      expect(watch.lines).toEqual([
        `${revision} put a=`,
        `${revision} delete a`,
        `${revision} delete b`,
        `${revision} put b=new`,
        `${revision + 1} put b=newer`,
        `${revision + 1} delete b`,
      ])
    })

    it('[T9] a nested transaction has what those around it have left', async () => {
      await using store = await open()
      const reads = (count: number) => Array.from({ length: count }, () => read('a'))
      const { responses } = await store.client.txn({ success: [nested({ success: reads(127) })] })
      expect(responses).toHaveLength(1)
      const refused = store.client.txn({ success: [nested({ success: reads(128) })] })
      await expect(refused).rejects.toMatchObject({ code: 'TooManyOps' })
    })

    it('[T9] too many operations are refused', async () => {
      await using store = await open()
      const ops = (count: number) => Array.from({ length: count }, (_, n) => write(`k${n}`))
      expect((await store.client.txn({ success: ops(128) })).responses).toHaveLength(128)
      const refusal = {
        code: 'TooManyOps',
        message: 'etcdserver: too many operations in txn request',
      }
      await expect(store.client.txn({ success: ops(129) })).rejects.toMatchObject(refusal)
      await expect(store.client.txn({ failure: ops(129) })).rejects.toMatchObject(refusal)
      const compare = Array.from({ length: 129 }, () => exists('a'))
      await expect(store.client.txn({ compare })).rejects.toMatchObject(refusal)
    })

    it.each<[string, RequestOp]>([
      ['EmptyKey', write('')],
      ['LeaseNotFound', { type: 'put', key: 'b', value: bytes(''), lease: 404n }],
      ['KeyNotFound', { type: 'put', key: 'b', value: bytes(''), ignoreValue: true }],
      ['FutureRevision', { type: 'range', key: 'b', revision: 1_000_000 }],
      ['LeaseNotFound', nested({ success: [{ ...write('b'), lease: 404n } as RequestOp] })],
    ])('[T10] nothing is done when one operation is refused: %s', async (code, op) => {
      await using store = await open()
      const before = await revisionOf(store.client)
      const refused = store.client.txn({ success: [write('a'), op] })
      await expect(refused).rejects.toMatchObject({ code })
      const answer = await store.client.range(prefixRange(''))
      expect(answer).toMatchObject({ count: 0, header: { revision: before } })
    })

    it('[T10] of several refusals the one of a put comes first', async () => {
      await using store = await open()
      const past: RequestOp = { type: 'range', key: 'a', revision: 1_000_000 }
      const lease: RequestOp = { type: 'put', key: 'b', value: bytes(''), lease: 404n }
      const refused = store.client.txn({ success: [nested({ success: [past] }), lease] })
      await expect(refused).rejects.toMatchObject({ code: 'LeaseNotFound' })
    })

    it('[T11] an empty transaction succeeds', async () => {
      await using store = await open()
      const revision = await revisionOf(store.client)
      const answer = await store.client.txn({})
      expect(answer).toEqual({ header: { revision }, succeeded: true, responses: [] })
    })
  })
}

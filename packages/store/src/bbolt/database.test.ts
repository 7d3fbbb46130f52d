import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { YieldTurn } from '../clock.js'
import { CorruptDatabase } from './corrupt-database.js'
import { type BucketSource, bucketOf, bytesOf, type Entry } from './entries.js'
import { readDatabase } from './read-database.js'
import { writeDatabase } from './write-database.js'

const atOnce: YieldTurn = (run) => run()

async function written(buckets: readonly BucketSource[], pageSize = 4096): Promise<Buffer> {
  const { sizeBytes, chunks } = await writeDatabase(buckets, { pageSize, yieldTurn: atOnce })
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  const file = Buffer.concat(all)
  expect(file.length).toBe(sizeBytes)
  return file
}

type Contents = Record<string, [key: string, value: string][]>

function contentsOf(file: Uint8Array): Contents {
  const database = readDatabase(file)
  const text = (bytes: Buffer) => bytes.toString('latin1')
  return Object.fromEntries(
    database.bucketNames.map((name) => [
      name,
      [...database.entries(name)].map(([key, value]) => [text(key), text(value)]),
    ]),
  )
}

const entry = (key: string, value: string): Entry => [bytesOf(key), bytesOf(value)]

const numbered = (count: number, valueSize: number): Entry[] =>
  Array.from({ length: count }, (_, n) => entry(String(n).padStart(8, '0'), 'v'.repeat(valueSize)))

const textOf = ([key, value]: Entry): [string, string] => [
  Buffer.from(key).toString('latin1'),
  Buffer.from(value).toString('latin1'),
]

describe('a database that was written is read', () => {
  it.each<[string, BucketSource[]]>([
    ['no bucket', []],
    ['an empty bucket', [bucketOf('alarm', [])]],
    ['an empty key and an empty value', [bucketOf('b', [entry('', '')])]],
    ['a small bucket, within its entry', [bucketOf('b', [entry('k', 'v')])]],
    ['a page', [bucketOf('b', numbered(50, 40))]],
    ['a branch over leaves', [bucketOf('b', numbered(1000, 100))]],
    ['branches over branches', [bucketOf('b', numbered(30_000, 200))]],
    [
      'a value of many pages',
      [bucketOf('b', [entry('k', 'x'.repeat(1_500_000)), entry('l', 'y')])],
    ],
    ['only large values', [bucketOf('b', numbered(20, 10_000))]],
    [
      'keys so large that a branch has two children, and one over',
      [
        bucketOf(
          'b',
          ['a', 'b', 'c', 'd', 'e'].map((c) => entry(c.repeat(3000), 'v')),
        ),
      ],
    ],
    [
      'thousands of buckets',
      Array.from({ length: 3000 }, (_, n) => bucketOf(`bucket${n}`, numbered(n % 30, 50))),
    ],
  ])('%s', async (_name, buckets) => {
    const expected = buckets.map(({ name }) => name).sort()
    const file = await written(buckets)
    const database = readDatabase(file)
    expect(database.bucketNames).toEqual(expected)
    expect(database.sizeBytes).toBe(file.length)
    for (const source of buckets) {
      const found = [...database.entries(source.name)].map(textOf)
      const cursor = source.entries()
      for (const [key, value] of found) {
        expect(cursor.next()).toBe(true)
        const bytes = Buffer.alloc(cursor.keySize + cursor.valueSize)
        cursor.copyTo(bytes, 0)
        expect(bytes.toString('latin1') === key + value).toBe(true)
      }
      expect(cursor.next()).toBe(false)
    }
  })

  it('around the bounds of a page and of a bucket within its entry', async () => {
    for (const bytes of [4096 - 16 - 16 - 1, 1024 - 16 - 16 - 1]) {
      for (let size = bytes - 2; size <= bytes + 2; size++) {
        const value = 'x'.repeat(size)
        const file = await written([bucketOf('b', [entry('k', value), entry('l', value)])])
        expect(contentsOf(file)).toEqual({
          b: [
            ['k', value],
            ['l', value],
          ],
        })
        const alone = await written([bucketOf('b', [entry('k', value)])])
        expect(contentsOf(alone)).toEqual({ b: [['k', value]] })
      }
    }
  })

  const bytes = fc.oneof(
    { weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    fc.integer({ min: 0, max: 9000 }).map((size) => new Uint8Array(size).fill(7)),
  )
  const buckets = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 30, unit: 'binary-ascii' }),
    fc.uniqueArray(fc.tuple(bytes, bytes), {
      maxLength: 150,
      selector: ([key]) => Buffer.from(key).toString('latin1'),
    }),
    { maxKeys: 12 },
  )

  it('whatever is in it, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(buckets, fc.constantFrom(1024, 4096, 16384), async (given, pageSize) => {
        const sources = Object.entries(given).map(([name, list]) => bucketOf(name, list))
        const sorted = Object.entries(given).map(([name, list]): [string, [string, string][]] => [
          name,
          list.map(textOf).sort(([a], [b]) => (a < b ? -1 : 1)),
        ])
        expect(contentsOf(await written(sources, pageSize))).toEqual(Object.fromEntries(sorted))
      }),
      { numRuns: 60 },
    )
  })
})

describe('a database that cannot be', () => {
  const PAGE = 4096
  const whole = () =>
    written([bucketOf('b', numbered(3000, 100)), bucketOf('c', [entry('k', 'v')])])
  /** Pages: 0, 1 meta, 2 freelist, then b's leaves, b's branch, the root. */
  const lastPage = (file: Buffer) => file.length / PAGE - 1

  it.each<[string, (file: Buffer) => void, RegExp]>([
    ['its first page is empty', (file) => file.fill(0, 0, 2 * PAGE), /not a database: meta page 0/],
    [
      'a page has another id',
      (file) => file.writeUInt32LE(99, 3 * PAGE),
      /^page 3 at byte 12288 says that it is page 99$/,
    ],
    [
      'a page is of no kind',
      (file) => file.writeUInt16LE(FREELIST, 3 * PAGE + 8),
      /^page 3 at byte 12288 is neither a branch nor a leaf, but of kind 16$/,
    ],
    [
      'more entries than fit',
      (file) => file.writeUInt16LE(60_000, 3 * PAGE + 10),
      /^page 3 at byte 12288 has 60000 entries, more than fit$/,
    ],
    [
      'a page goes on past the end',
      (file) => file.writeUInt32LE(1_000_000, 3 * PAGE + 12),
      /^page 3 at byte 12288 goes on for 1000000 pages, past the end$/,
    ],
    [
      'a value runs past its page',
      (file) => file.writeUInt32LE(1_000_000, 3 * PAGE + 16 + 12),
      /^entry 0 of page 3 at byte 12288 ends at byte \d+, past its page$/,
    ],
    [
      'keys are out of order',
      (file) => file.write('\xff', 3 * PAGE + 16 + file.readUInt32LE(3 * PAGE + 20), 'latin1'),
      /^entry 1 of page 3 at byte 12288 is out of order$/,
    ],
    [
      'a page is its own child',
      (file) => {
        const branch = lastPage(file) - 1
        file.writeUInt32LE(branch, branch * PAGE + 16 + 8)
      },
      /^page \d+ at byte \d+ is referred to twice$/,
    ],
    [
      'a child is past the end',
      (file) => file.writeUInt32LE(1_000_000, (lastPage(file) - 1) * PAGE + 16 + 8),
      /^page 1000000 is referred to, and there are \d+$/,
    ],
  ])('%s', async (_name, damage, message) => {
    const file = await whole()
    damage(file)
    let error: unknown
    try {
      contentsOf(file)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(CorruptDatabase)
    expect((error as Error).message).toMatch(message)
  })

  it('is read by its other meta page when the first or the second is damaged', async () => {
    const file = await whole()
    const contents = contentsOf(file)
    for (const page of [0, 1]) {
      const damaged = Buffer.from(file)
      damaged.fill(0, page * PAGE, (page + 1) * PAGE)
      expect(contentsOf(damaged)).toEqual(contents)
    }
  })

  it('whatever bytes are changed or missing: an answer or a CorruptDatabase, never anything else', async () => {
    const file = await whole()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 200 }),
        fc.oneof(fc.constant(file.length), fc.nat(file.length)),
        (changes, length) => {
          const damaged = Buffer.from(file.subarray(0, length))
          for (const [at, byte] of changes) if (at < length) damaged[at] = byte
          try {
            contentsOf(damaged)
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptDatabase)
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

const FREELIST = 16

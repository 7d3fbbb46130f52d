import fc from 'fast-check'
import protobuf from 'protobufjs/minimal.js'
import { describe, expect, it } from 'vitest'
import { MessageWriter } from './message-writer.js'

/** The judge: protobufjs, whose 64-bit numbers are two halves. */
type Judge = protobuf.Writer

interface Step {
  readonly ours: (writer: MessageWriter) => void
  readonly theirs: (judge: Judge) => void
}

const halves = (value: bigint) => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned: true,
})

const step = (ours: Step['ours'], theirs: Step['theirs']): Step => ({ ours, theirs })

const scalar: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(0xffff_ffff).map((n) =>
    step(
      (w) => w.uint32(n),
      (j) => j.uint32(n),
    ),
  ),
  fc.integer().map((n) =>
    step(
      (w) => w.int32(n),
      (j) => j.int32(n),
    ),
  ),
  fc.maxSafeInteger().map((n) =>
    step(
      (w) => w.integer(n),
      (j) => j.int64(n),
    ),
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) =>
    step(
      (w) => w.uint64(n),
      (j) => j.uint64(halves(n) as never),
    ),
  ),
  fc.boolean().map((b) =>
    step(
      (w) => w.bool(b),
      (j) => j.bool(b),
    ),
  ),
  fc.uint8Array({ maxLength: 300 }).map((b) =>
    step(
      (w) => w.bytes(b),
      (j) => j.bytes(b),
    ),
  ),
  fc.uint8Array({ maxLength: 100 }).map((b) =>
    step(
      (w) => w.latin1(Buffer.from(b).toString('latin1')),
      (j) => j.bytes(b),
    ),
  ),
  fc.string({ unit: 'grapheme' }).map((s) =>
    step(
      (w) => w.utf8(s),
      (j) => j.string(s),
    ),
  ),
)

const { message } = fc.letrec<{ message: Step }>((tie) => ({
  message: fc
    .array(fc.oneof({ depthSize: 'small' }, scalar, tie('message')), { maxLength: 8 })
    .map((steps) => ({
      ours(writer) {
        writer.beginNested()
        for (const step of steps) step.ours(writer)
        writer.endNested()
      },
      theirs(judge) {
        judge.fork()
        for (const step of steps) step.theirs(judge)
        judge.ldelim()
      },
    })),
}))

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function written(writer: MessageWriter, ours: Step['ours']): Uint8Array {
  writer.begin()
  ours(writer)
  return writer.finish()
}

describe('MessageWriter', () => {
  it('writes what protobufjs writes, one message after the other', () => {
    const writer = new MessageWriter()
    fc.assert(
      fc.property(message, ({ ours, theirs }) => {
        const judge = protobuf.Writer.create()
        theirs(judge)
        expect(hex(written(writer, ours))).toBe(hex(judge.finish()))
      }),
    )
  })

  it('has room for messages of any size, and keeps none that were handed out', () => {
    const writer = new MessageWriter()
    const large = new Uint8Array(3_000_000).fill(7)
    const first = written(writer, (w) => w.bytes(large))
    const second = written(writer, (w) => w.latin1('a'))
    expect(Buffer.compare(first.subarray(-large.length), large)).toBe(0)
    expect(hex(second)).toBe('0161')
  })

  it('begins anew after a message that could not be finished', () => {
    const writer = new MessageWriter()
    writer.begin()
    writer.beginNested()
    writer.uint32(1)
    expect(hex(written(writer, (w) => w.bool(true)))).toBe('01')
  })
})

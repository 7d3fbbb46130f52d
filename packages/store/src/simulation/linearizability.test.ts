import { describe, expect, it } from 'vitest'
import { judge, type Model, type Operation } from './linearizability.js'

type Call = { readonly write: number } | 'read'

/** A register; a write answers itself. */
const register: Model<number, Call, number> = {
  initial: 0,
  step(state, call, answer) {
    if (call !== 'read') return call.write
    return answer === undefined || answer === state ? state : undefined
  },
  keyOf: String,
}

/** `1: write 1 0-3` and the like: client, call, from, to ('?' is never known). */
const history = (...lines: readonly string[]): Operation<Call, number>[] =>
  lines.map((line) => {
    const [, client, verb, value, from, to] = /^(\d): (\w+) (\d) (\d+)-(\d+|\?)$/.exec(line) ?? []
    return {
      client: Number(client),
      call: verb === 'read' ? 'read' : { write: Number(value) },
      calledAt: Number(from),
      answer: to === '?' ? undefined : Number(value),
      answeredAt: Number(to),
    }
  })

describe('the judge of linearizability', () => {
  it.each([
    ['nothing', [], 'linearizable'],
    ['a read after a write', ['1: write 1 0-1', '2: read 1 2-3'], 'linearizable'],
    ['a read of what was before', ['1: write 1 0-1', '2: read 0 2-3'], 'impossible'],
    ['a read of either during a write', ['1: write 1 0-9', '2: read 0 2-3'], 'linearizable'],
    [
      'time that runs backwards between two readers',
      ['1: write 1 0-9', '2: read 1 1-2', '3: read 0 3-4'],
      'impossible',
    ],
    [
      'a lost write that took effect late',
      ['1: write 1 0-?', '2: read 0 2-3', '2: read 1 4-5'],
      'linearizable',
    ],
    ['a lost write that took no effect', ['1: write 1 0-?', '2: read 0 2-3'], 'linearizable'],
    [
      'a lost write that took effect and then did not',
      ['1: write 1 0-?', '2: read 1 2-3', '2: read 0 4-5'],
      'impossible',
    ],
    [
      'two writes at once, seen in two orders',
      ['1: write 1 0-9', '2: write 2 0-9', '3: read 1 10-11', '4: read 2 12-13'],
      'impossible',
    ],
    [
      'an end and a call at the same moment overlap',
      ['1: write 1 0-2', '2: read 0 2-3'],
      'linearizable',
    ],
  ])('%s', (_, lines, verdict) => {
    expect(judge(register, history(...lines))).toBe(verdict)
  })

  it('gives up on what would take for ever', () => {
    const many = Array.from({ length: 14 }, (_, i) => `1: write ${i % 9} 0-99`)
    const impossible = history(...many, '2: read 9 100-101')
    expect(judge(register, impossible, 1000)).toBe('tooHard')
  })
})

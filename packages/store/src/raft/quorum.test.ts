import fc from 'fast-check'
import { expect, it } from 'vitest'
import { changed, NO_MEMBERS } from './conf-change.js'
import { membersOf, quorumReached, quorumVote, votersOf } from './quorum.js'
import type { ConfChange, ConfChangeType, ConfState, NodeId } from './types.js'

/** The judge: a set of members decides if it has more than half of each of the two groups. */
function decides({ voters, votersOutgoing }: ConfState, set: ReadonlySet<NodeId>): boolean {
  return [voters, votersOutgoing].every(
    (group) => group.length === 0 || group.filter((id) => set.has(id)).length * 2 > group.length,
  )
}

const id = fc.bigInt({ min: 1n, max: 6n })
const ids = fc.uniqueArray(id, { maxLength: 6 })
const conf = fc
  .tuple(ids, ids)
  .map(([voters, votersOutgoing]): ConfState => ({ ...NO_MEMBERS, voters, votersOutgoing }))
const voting = conf.filter((it) => it.voters.length > 0)

it('the index that a quorum has reached: the highest one that a deciding set has', () => {
  fc.assert(
    fc.property(voting, fc.array(fc.nat(9), { minLength: 7, maxLength: 7 }), (it, match) => {
      const matchOf = (member: NodeId) => match[Number(member)] ?? 0
      const isReached = (index: number) =>
        decides(it, new Set(votersOf(it).filter((member) => matchOf(member) >= index)))
      const reached = quorumReached(it, matchOf)
      expect(isReached(reached)).toBe(true)
      expect(isReached(reached + 1)).toBe(false)
    }),
  )
})

it('a vote is won, lost, or still open as long as those who are silent could turn it', () => {
  fc.assert(
    fc.property(voting, fc.dictionary(id.map(String), fc.boolean()), (it, answers) => {
      const votes = new Map(Object.entries(answers).map(([key, is]) => [BigInt(key), is]))
      const ifSilent = (is: boolean) =>
        decides(it, new Set(votersOf(it).filter((member) => votes.get(member) ?? is)))
      const expected = ifSilent(false) ? 'won' : ifSilent(true) ? 'pending' : 'lost'
      expect(quorumVote(it, votes)).toBe(expected)
    }),
  )
})

const types: ConfChangeType[] = [
  'ConfChangeAddNode',
  'ConfChangeRemoveNode',
  'ConfChangeAddLearnerNode',
  'ConfChangeUpdateNode',
]
const change: fc.Arbitrary<ConfChange> = fc.record({
  transition: fc.constantFrom('auto', 'jointImplicit', 'jointExplicit'),
  changes: fc.array(fc.record({ type: fc.constantFrom(...types), nodeId: id }), { maxLength: 4 }),
})

function subsets<Of>(all: readonly Of[]): Of[][] {
  return Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, i) => (bits >> i) & 1))
}

it('from one configuration to the next, no two quorums miss each other', () => {
  const start: ConfState = { ...NO_MEMBERS, voters: [1n, 2n, 3n], learners: [4n] }
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      let before = start
      for (const one of changes) {
        const after = changed(before, one) ?? before
        expect(after.voters.length).toBeGreaterThan(0)
        expect(after.learners.filter((it) => votersOf(after).includes(it))).toEqual([])
        expect(after.learnersNext.every((it) => after.votersOutgoing.includes(it))).toBe(true)
        const all = [...new Set([...membersOf(before), ...membersOf(after)])]
        for (const set of subsets(all)) {
          const rest = all.filter((it) => !set.includes(it))
          expect(decides(before, new Set(set)) && decides(after, new Set(rest))).toBe(false)
        }
        before = after
      }
    }),
    { numRuns: 60 },
  )
})

it.each<[string, ConfState, ConfChange]>([
  ['a change while joint', { ...NO_MEMBERS, voters: [1n], votersOutgoing: [2n] }, add(3n)],
  [
    'leaving what is not joint',
    { ...NO_MEMBERS, voters: [1n] },
    { transition: 'auto', changes: [] },
  ],
  ['the last voter', { ...NO_MEMBERS, voters: [1n] }, remove(1n)],
])('refused: %s', (_, from, what) => {
  expect(changed(from, what)).toBeUndefined()
})

function add(nodeId: NodeId): ConfChange {
  return { transition: 'auto', changes: [{ type: 'ConfChangeAddNode', nodeId }] }
}

function remove(nodeId: NodeId): ConfChange {
  return { transition: 'auto', changes: [{ type: 'ConfChangeRemoveNode', nodeId }] }
}

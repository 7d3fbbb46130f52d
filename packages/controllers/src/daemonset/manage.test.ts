import { describe, expect, it } from 'vitest'
import { cluster, daemonSet, NOW, namesOf, node } from './daemons.fixture.js'
import { planNodes } from './manage.js'

const surge = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }

describe('planNodes', () => {
  it.each<{ rule: string; on: string[][]; create?: string[]; remove?: string[]; ended?: string[] }>(
    [
      { rule: 'one Pod a node', on: [[], ['a'], []], create: ['n0', 'n2'] },
      { rule: 'an old one will do: rolling is another matter', on: [['a~']] },
      { rule: 'none before the last is gone', on: [['a-']] },
      { rule: 'one that is not bound yet counts', on: [['a?']] },
      { rule: 'of several the oldest stays', on: [['a', 'b', 'c']], remove: ['b', 'c'] },
      { rule: 'bound ones before older ones that wait', on: [['a?', 'b']], remove: ['a?'] },
      { rule: 'what ended is to be replaced', on: [['ax'], ['bv']], ended: ['ax', 'bv'] },
      { rule: 'what ended and is deleted, but held, is gone', on: [['ax-']], create: ['n0'] },
    ],
  )('$rule: $on', ({ on, create = [], remove = [], ended = [] }) => {
    const { nodes, pods } = cluster(...on)
    const changes = planNodes(daemonSet(), nodes, pods, 'new', NOW)
    expect(changes.create).toEqual(create)
    expect(namesOf(changes.remove)).toEqual(remove)
    expect(changes.ended.map(({ pod }) => pod.metadata.name)).toEqual(ended)
  })

  it.each([
    { rule: 'the old one serves until the new one does', on: ['a~', 'b!'], remove: [] },
    { rule: 'the new one serves', on: ['a~', 'b'], remove: ['a~'] },
    { rule: 'the old one does not', on: ['a~!', 'b!'], remove: ['a~!'] },
    { rule: 'one of each at most', on: ['a~', 'b!', 'c~', 'd!'], remove: ['c~', 'd!'] },
  ])('with surge, $rule: $on', ({ on, remove }) => {
    const { nodes, pods } = cluster(on)
    expect(namesOf(planNodes(daemonSet(surge), nodes, pods, 'new', NOW).remove)).toEqual(remove)
  })

  it('leaves a node that drives it out, and stays where it is only kept out', () => {
    const { pods } = cluster(['a'], ['b'])
    const nodes = [
      node('n0', [{ key: 'broken', effect: 'NoExecute' }]),
      node('n1', [{ key: 'full', effect: 'NoSchedule' }]),
      node('n2', [{ key: 'full', effect: 'NoSchedule' }]),
    ]
    const { create, remove } = planNodes(daemonSet(), nodes, pods, 'new', NOW)
    expect([create, namesOf(remove)]).toEqual([[], ['a']])
  })

  it('of a node that is gone removes only what was never bound to it', () => {
    const { pods } = cluster(['a'], ['b?'])
    expect(namesOf(planNodes(daemonSet(), [], pods, 'new', NOW).remove)).toEqual(['b?'])
  })
})

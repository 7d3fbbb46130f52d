import { describe, expect, it } from 'vitest'
import { cluster, daemonSet, NOW, namesOf } from './daemons.fixture.js'
import { planRollingUpdate } from './rolling.js'

function step(on: string[][], rollingUpdate: Record<string, number | string> = {}) {
  const { nodes, pods } = cluster(...on)
  const set = daemonSet({ type: 'RollingUpdate', rollingUpdate })
  const { remove, create } = planRollingUpdate(set, nodes, pods, 'new', NOW)
  return [...namesOf(remove), ...create]
}

describe('planRollingUpdate', () => {
  it.each<{ rule: string; on: string[][]; maxUnavailable?: number | string; goes: string[] }>([
    { rule: 'one at a time unless told otherwise', on: [['a~'], ['b~']], goes: ['a~'] },
    { rule: 'none while one is leaving', on: [['a-'], ['b~']], goes: [] },
    { rule: 'none while one is missing', on: [[], ['b~']], goes: [] },
    { rule: 'none while a new one is not ready', on: [['a!'], ['b~']], goes: [] },
    {
      rule: 'those that serve nobody go at once, and count',
      on: [['a~!'], ['b~!'], ['c~']],
      goes: ['a~!', 'b~!'],
    },
    {
      rule: 'a share of the nodes is rounded up',
      on: [['a~'], ['b~'], ['c~']],
      maxUnavailable: '50%',
      goes: ['a~', 'b~'],
    },
    { rule: 'nothing to do', on: [['a'], ['b']], goes: [] },
  ])('$rule: $on', ({ on, maxUnavailable, goes }) => {
    expect(step(on, maxUnavailable === undefined ? {} : { maxUnavailable })).toEqual(goes)
  })

  it.each([
    { rule: 'new ones come beside the old', on: [['a~'], ['b~']], does: ['n0'] },
    { rule: 'no more than allowed', on: [['a~', 'b!'], ['c~']], does: [] },
    {
      rule: 'the old one goes when the new one serves',
      on: [['a~', 'b'], ['c~']],
      does: ['a~', 'n1'],
    },
    {
      rule: 'beside useless ones at once',
      on: [['a~!'], ['b~!'], ['c~']],
      does: ['n0', 'n1', 'n2'],
    },
  ])('with a surge of 1, $rule: $on', ({ on, does }) => {
    expect(step(on, { maxSurge: 1, maxUnavailable: 0 })).toEqual(does)
  })
})

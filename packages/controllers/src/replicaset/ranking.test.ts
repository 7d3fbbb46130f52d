import { formatTime, type Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { podsToDelete } from './ranking.js'

const NOW = 1_700_000_000_000

interface Shape {
  name?: string
  node?: string
  phase?: string
  ready?: boolean
  readyForMs?: number
  cost?: string
  restarts?: number
  ageMs?: number
}

function pod(shape: Shape): Pod {
  const { name = 'pod', node = 'node-1', phase = 'Running', ready = true, ageMs = 60_000 } = shape
  const readySince = formatTime(NOW - (shape.readyForMs ?? 30_000))
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: formatTime(NOW - ageMs),
      ...(shape.cost === undefined
        ? {}
        : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': shape.cost } }),
    },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: readySince },
      ],
      containerStatuses: [
        {
          name: 'c',
          image: '',
          imageID: '',
          ready,
          restartCount: shape.restarts ?? 0,
          state: {},
          lastState: {},
        },
      ],
    },
  }
}

describe('podsToDelete', () => {
  it.each<{ rule: string; goes: Shape; stays: Shape }>([
    { rule: 'no node before a node', goes: { node: '' }, stays: { ready: false } },
    { rule: 'pending before running', goes: { phase: 'Pending' }, stays: { phase: 'Running' } },
    { rule: 'unknown before running', goes: { phase: 'Unknown' }, stays: { phase: 'Running' } },
    { rule: 'pending before unknown', goes: { phase: 'Pending' }, stays: { phase: 'Unknown' } },
    { rule: 'not ready before ready', goes: { ready: false }, stays: { cost: '-100' } },
    { rule: 'cheap before dear', goes: { cost: '-1' }, stays: {} },
    { rule: 'a cost that is no number is 0', goes: {}, stays: { cost: '5' } },
    { rule: 'short ready before long', goes: { readyForMs: 1000 }, stays: { readyForMs: 90_000 } },
    { rule: 'many restarts before few', goes: { restarts: 3 }, stays: { restarts: 1 } },
    { rule: 'young before old', goes: { ageMs: 1000 }, stays: { ageMs: 600_000 } },
  ])('$rule', ({ goes, stays }) => {
    const candidates = [pod({ name: 'stays', ...stays }), pod({ name: 'goes', ...goes })]
    const [first] = podsToDelete(candidates, candidates, 1, NOW)
    expect(first?.metadata.name).toBe('goes')
  })

  it('thins out the node with most Pods that share the work, also those of other owners', () => {
    const mine = [pod({ name: 'a', node: 'node-1' }), pod({ name: 'b', node: 'node-2' })]
    const others = [pod({ name: 'c', node: 'node-2' }), pod({ name: 'd', node: 'node-2' })]
    const [first] = podsToDelete(mine, [...mine, ...others], 1, NOW)
    expect(first?.metadata.name).toBe('b')
  })

  it('does not tell apart ages of the same magnitude', () => {
    const candidates = [
      pod({ name: 'b', readyForMs: 61_000 }),
      pod({ name: 'a', readyForMs: 63_000 }),
    ]
    const [first] = podsToDelete(candidates, candidates, 1, NOW)
    expect(first?.metadata.name).toBe('a')
  })

  it('takes all when all have to go', () => {
    const all = [pod({ name: 'a' }), pod({ name: 'b' })]
    expect(podsToDelete(all, all, 2, NOW)).toEqual(all)
  })
})

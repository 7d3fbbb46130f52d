import type { Node, Taint } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { nodeWith } from './node.fixture.js'
import { wantedTaints } from './taints.js'

const node = (
  conditions: Record<string, string>,
  taints: Taint[] = [],
  unschedulable = false,
): Node =>
  nodeWith(
    Object.entries(conditions).map(([type, status]) => ({ type, status })),
    { taints, unschedulable },
  )

const text = ({ key, effect }: Taint) => `${key.replace('node.kubernetes.io/', '')}:${effect}`

describe('wantedTaints', () => {
  it.each<{ conditions: Record<string, string>; unschedulable?: boolean; taints: string[] }>([
    { conditions: { Ready: 'True' }, taints: [] },
    { conditions: { Ready: 'False' }, taints: ['not-ready:NoSchedule', 'not-ready:NoExecute'] },
    {
      conditions: { Ready: 'Unknown' },
      taints: ['unreachable:NoSchedule', 'unreachable:NoExecute'],
    },
    {
      conditions: { Ready: 'True', MemoryPressure: 'True', DiskPressure: 'Unknown' },
      taints: ['memory-pressure:NoSchedule'],
    },
    { conditions: { Ready: 'True' }, unschedulable: true, taints: ['unschedulable:NoSchedule'] },
    { conditions: {}, taints: [] },
  ])('$conditions → $taints', ({ conditions, unschedulable, taints }) => {
    const wanted = wantedTaints(node(conditions, [], unschedulable), 'now')
    expect(wanted.map(text)).toEqual(taints)
  })

  it('takes away what no longer holds and leaves what users set', () => {
    const mine = { key: 'dedicated', value: 'db', effect: 'NoExecute' }
    const pressure = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoExecute' }
    const old = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded: 'then' }
    const recovered = wantedTaints(node({ Ready: 'True' }, [mine, old, pressure]), 'now')
    expect(recovered).toEqual([mine, pressure])
  })

  it('keeps the time since when, and the very list when nothing changes', () => {
    const taints = [
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule', timeAdded: 'then' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: 'then' },
    ]
    expect(wantedTaints(node({ Ready: 'False' }, taints), 'now')).toBe(taints)
    expect(wantedTaints(node({ Ready: 'Unknown' }, taints), 'now')).toEqual([
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule', timeAdded: 'now' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: 'now' },
    ])
  })
})

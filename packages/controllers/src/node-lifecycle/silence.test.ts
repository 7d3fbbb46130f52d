import { formatTime, type Node } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { NOW, nodeWith } from './node.fixture.js'
import { Heartbeats, patienceMs, silentConditions } from './silence.js'

function node(ready?: { status: string; beat: string }, createdMs = NOW): Node {
  const conditions =
    ready === undefined
      ? []
      : [{ type: 'Ready', status: ready.status, lastHeartbeatTime: ready.beat }]
  const made = nodeWith(conditions)
  const metadata = { ...made.metadata, uid: 'u', creationTimestamp: formatTime(createdMs) }
  return { ...made, metadata }
}

describe('Heartbeats', () => {
  it('counts from the last change of Lease or status, by our own clock', () => {
    const heartbeats = new Heartbeats()
    const alive = node({ status: 'True', beat: 'a' })
    expect(heartbeats.observe(alive, '1', NOW)).toBe(NOW)
    expect(heartbeats.observe(alive, '1', NOW + 30_000)).toBe(NOW)
    expect(heartbeats.observe(alive, '2', NOW + 35_000)).toBe(NOW + 35_000)
    const reported = node({ status: 'True', beat: 'b' })
    expect(heartbeats.observe(reported, '2', NOW + 50_000)).toBe(NOW + 50_000)
  })

  it('gives a node that never reported its time from the day it was made', () => {
    const silent = node(undefined, NOW - 50_000)
    const heardMs = new Heartbeats().observe(silent, undefined, NOW)
    expect(patienceMs(silent, heardMs, NOW)).toBe(10_000)
  })
})

describe('patienceMs', () => {
  it('ends 40 s after the last heartbeat', () => {
    const alive = node({ status: 'True', beat: 'a' })
    expect(patienceMs(alive, NOW, NOW + 39_000)).toBe(1000)
    expect(patienceMs(alive, NOW, NOW + 40_000)).toBe(0)
  })
})

describe('silentConditions', () => {
  it('says Unknown of everything, in the words of who stopped and who never began', () => {
    const conditions = silentConditions(node({ status: 'True', beat: 'a' }), NOW)
    expect(conditions.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'Unknown', 'NodeStatusUnknown'],
      ['MemoryPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['DiskPressure', 'Unknown', 'NodeStatusNeverUpdated'],
      ['PIDPressure', 'Unknown', 'NodeStatusNeverUpdated'],
    ])
    expect(conditions[0]).toMatchObject({
      lastHeartbeatTime: 'a',
      lastTransitionTime: formatTime(NOW),
      message: 'Kubelet stopped posting node status.',
    })
  })

  it('changes nothing the second time', () => {
    const silent = node({ status: 'True', beat: 'a' })
    const conditions = [...silentConditions(silent, NOW)]
    const again = { ...silent, status: { ...silent.status, conditions } }
    expect(silentConditions(again, NOW + 1000)).toBe(conditions)
  })
})

import { formatTime, type Pod, type Taint, type Toleration } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { evictionTimeMs } from './deadline.js'

const NOW = 1_700_000_000_000
const NOT_READY = 'node.kubernetes.io/not-ready'

const taint = (key = NOT_READY, effect = 'NoExecute', addedMs = NOW): Taint => ({
  key,
  effect,
  timeAdded: formatTime(addedMs),
})

const pod = (tolerations: Toleration[], startedMs = NOW - 60_000): Pod => ({
  metadata: {},
  spec: { containers: [], tolerations },
  status: { startTime: formatTime(startedMs) },
})

const tolerate = (tolerationSeconds?: number, key = NOT_READY): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
})

const inSeconds = (pod: Pod, taints: Taint[]) => {
  const timeMs = evictionTimeMs(pod, taints, NOW)
  return timeMs === undefined ? 'never' : (timeMs - NOW) / 1000
}

describe('evictionTimeMs', () => {
  it.each<{ rule: string; pod: Pod; taints: Taint[]; is: number | 'never' }>([
    { rule: 'no taint', pod: pod([]), taints: [], is: 'never' },
    {
      rule: 'NoSchedule evicts nobody',
      pod: pod([]),
      taints: [taint('x', 'NoSchedule')],
      is: 'never',
    },
    { rule: 'not tolerated', pod: pod([]), taints: [taint()], is: 0 },
    { rule: 'tolerated forever', pod: pod([tolerate()]), taints: [taint()], is: 'never' },
    { rule: 'tolerated for a time', pod: pod([tolerate(300)]), taints: [taint()], is: 300 },
    {
      rule: 'the shortest of those that fit',
      pod: pod([tolerate(300), tolerate(30), tolerate()]),
      taints: [taint()],
      is: 30,
    },
    { rule: 'negative is at once', pod: pod([tolerate(-5)]), taints: [taint()], is: 0 },
    {
      rule: 'each taint must be tolerated',
      pod: pod([tolerate()]),
      taints: [taint(), taint('other')],
      is: 0,
    },
    {
      rule: 'counted from when the taint was set',
      pod: pod([tolerate(300)]),
      taints: [taint(NOT_READY, 'NoExecute', NOW - 100_000)],
      is: 240,
    },
  ])('$rule', ({ pod, taints, is }) => {
    expect(inSeconds(pod, taints)).toBe(is)
  })
})

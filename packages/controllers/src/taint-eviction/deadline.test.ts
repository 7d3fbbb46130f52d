import type { Pod, Taint, Toleration } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { tolerationMs } from './deadline.js'

const NOT_READY = 'node.kubernetes.io/not-ready'

const taint = (key = NOT_READY, effect = 'NoExecute'): Taint => ({ key, effect })

const pod = (tolerations: Toleration[]): Pod => ({
  metadata: {},
  spec: { containers: [], tolerations },
  status: {},
})

const tolerate = (tolerationSeconds?: number, key = NOT_READY): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
})

const inSeconds = (pod: Pod, taints: Taint[]) => {
  const stayMs = tolerationMs(pod, taints)
  return stayMs === undefined ? 'never' : stayMs / 1000
}

describe('tolerationMs', () => {
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
  ])('$rule', ({ pod, taints, is }) => {
    expect(inSeconds(pod, taints)).toBe(is)
  })
})

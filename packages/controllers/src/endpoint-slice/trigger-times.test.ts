import type { KubeObject, Pod } from '@miniplane/api'
import { expect, it } from 'vitest'
import { TriggerTimes, withTriggerTime } from './trigger-times.js'

const at = (second: number) => `2026-01-01T00:00:0${second}Z`
const service: KubeObject = { metadata: { name: 'web', creationTimestamp: at(1) } }
const pod = (name: string, readySecond: number): Pod & KubeObject => ({
  metadata: { name },
  spec: { containers: [] },
  status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(readySecond) }] },
})

it('is the earliest of what happened since the last look', () => {
  const triggers = new TriggerTimes()
  const next = (...pods: (Pod & KubeObject)[]) => triggers.next('web', service, pods)
  expect(next()).toBe(at(1))
  expect(next()).toBeUndefined()
  expect(next(pod('a', 5), pod('b', 3))).toBe(at(3))
  expect(next(pod('a', 5))).toBeUndefined()
  expect(next(pod('a', 7))).toBe(at(7))
})

it('of an earlier change goes with a change that has none', () => {
  const annotations = withTriggerTime({ mine: 'x' }, at(2))
  expect(Object.values(annotations)).toEqual(['x', at(2)])
  expect(withTriggerTime(annotations, undefined)).toEqual({ mine: 'x' })
})

import { describe, expect, it, test } from 'vitest'
import type { Pod, PodSpec } from '../generated/types/index.js'
import { podLimits, podQosClass, podRequests } from './pod-resources.js'
import { isPodActive, isPodAvailable, isPodReady, isPodTerminal } from './pod-state.js'

const pod = (spec: Partial<PodSpec> = {}, status: Pod['status'] = {}): Pod => ({
  metadata: { name: 'p' },
  spec: { containers: [], ...spec },
  status,
})
const container = (
  name: string,
  requests: Record<string, string> = {},
  limits: Record<string, string> = {},
) => ({ name, resources: { requests, limits } })
const text = (resources: Record<string, { toString(): string }>) =>
  Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, String(amount)]))

describe('state', () => {
  const at = Date.parse('2024-01-01T00:00:10Z')
  const ready = pod(
    {},
    {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2024-01-01T00:00:00Z' }],
    },
  )

  it('is ready by its condition, and available a while later', () => {
    expect(isPodReady(ready)).toBe(true)
    expect(isPodReady(pod())).toBe(false)
    expect(isPodAvailable(ready, 0, at)).toBe(true)
    expect(isPodAvailable(ready, 10, at)).toBe(true)
    expect(isPodAvailable(ready, 11, at)).toBe(false)
    expect(isPodAvailable(pod(), 0, at)).toBe(false)
  })

  it('is active until it ends or is being deleted', () => {
    expect(isPodActive(ready)).toBe(true)
    const deleted = { ...ready, metadata: { deletionTimestamp: '2024-01-01T00:00:00Z' } }
    expect(isPodActive(deleted)).toBe(false)
    expect(isPodTerminal(pod({}, { phase: 'Failed' }))).toBe(true)
    expect(isPodActive(pod({}, { phase: 'Succeeded' }))).toBe(false)
  })
})

describe('what a Pod asks for', () => {
  it('adds its containers up; the largest init container may be more', () => {
    const spec = {
      initContainers: [container('init', { cpu: '1', memory: '1Mi' })],
      containers: [
        container('a', { cpu: '100m', memory: '64Mi' }, { cpu: '1' }),
        container('b', { cpu: '150m' }),
      ],
    }
    expect(text(podRequests(pod(spec)))).toEqual({ cpu: '1', memory: '64Mi' })
    expect(text(podLimits(pod(spec)))).toEqual({ cpu: '1' })
  })

  it('sidecars run beside the containers and beside later init containers', () => {
    const spec = {
      initContainers: [
        { ...container('sidecar', { cpu: '200m' }), restartPolicy: 'Always' },
        container('init', { cpu: '500m' }),
      ],
      containers: [container('a', { cpu: '100m' })],
      overhead: { cpu: '10m' },
    }
    expect(text(podRequests(pod(spec)))).toEqual({ cpu: '710m' })
  })

  it('what it states as a whole comes first', () => {
    const spec = {
      resources: { requests: { cpu: '2' } },
      containers: [container('a', { cpu: '100m', memory: '1Gi' })],
    }
    expect(text(podRequests(pod(spec)))).toEqual({ cpu: '2', memory: '1Gi' })
  })
})

const both = { cpu: '1', memory: '1Gi' }
test.each([
  ['BestEffort', [container('a')]],
  ['BestEffort', [container('a', { 'example.com/gpu': '1' })]],
  ['Burstable', [container('a', { cpu: '1' })]],
  ['Burstable', [container('a', both, both), container('b')]],
  ['Guaranteed', [container('a', both, both)]],
  ['Guaranteed', [container('a', {}, both)]],
  ['Burstable', [container('a', { cpu: '500m' }, both)]],
])('%s', (qosClass, containers) => {
  expect(podQosClass(pod({ containers }))).toBe(qosClass)
})

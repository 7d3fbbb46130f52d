import type { Pod, Service } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { isOverCapacity, subsetsFor, truncated } from './subsets.js'

const service: Service = {
  metadata: { name: 'named', namespace: 'default' },
  spec: {
    ports: [
      { name: 'a', port: 80, targetPort: 8080 },
      { name: 'b', port: 81, targetPort: 9999 },
    ],
  },
  status: { loadBalancer: {} },
}

const pod = (ip: string, ready = true): Pod => ({
  metadata: { name: ip, namespace: 'default', uid: ip },
  spec: { containers: [] },
  status: {
    phase: 'Running',
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
  },
})

describe('subsetsFor', () => {
  it('sorts addresses, and ports by their digests, as a real cluster shows them', () => {
    const [subset] = subsetsFor(service, [pod('10.0.0.2'), pod('10.0.0.1'), pod('10.0.0.3', false)])
    expect(subset?.addresses?.map(({ ip }) => ip)).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(subset?.notReadyAddresses?.map(({ ip }) => ip)).toEqual(['10.0.0.3'])
    expect(subset?.ports?.map(({ port }) => port)).toEqual([9999, 8080])
  })

  it('has none without Pods, and none without ports unless headless', () => {
    expect(subsetsFor(service, [])).toEqual([])
    const bare = { ...service, spec: {} }
    expect(subsetsFor(bare, [pod('10.0.0.1')])).toEqual([])
    const headless = { ...service, spec: { clusterIP: 'None' } }
    expect(subsetsFor(headless, [pod('10.0.0.1')])).toHaveLength(1)
  })
})

describe('truncated', () => {
  it('keeps a thousand, the ready ones first', () => {
    const pods = Array.from({ length: 1200 }, (_, i) => pod(`10.0.${i >> 8}.${i & 255}`, i >= 300))
    const subsets = subsetsFor(service, pods)
    expect(isOverCapacity(subsets)).toBe(true)
    const [subset] = truncated(subsets)
    expect([subset?.addresses?.length, subset?.notReadyAddresses?.length]).toEqual([900, 100])
  })
})

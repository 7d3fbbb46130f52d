import type { EndpointSlice, Pod, Service } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { groupEndpoints, planSlices } from './plan.js'

const service = (
  ports: Service['spec']['ports'] = [{ port: 80, targetPort: 'http' }],
): Service => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: { ports, selector: { app: 'web' } },
  status: { loadBalancer: {} },
})

interface Shape {
  readonly ready?: boolean
  readonly port?: number
  readonly terminating?: boolean
  readonly phase?: string
  readonly ip?: string
}

const pod = (number: number, shape: Shape = {}): Pod => ({
  metadata: {
    name: `web-${number}`,
    namespace: 'default',
    uid: `uid-${number}`,
    ...(shape.terminating ? { deletionTimestamp: 'now' } : {}),
  },
  spec: {
    nodeName: 'node-1',
    containers: [
      { name: 'c', resources: {}, ports: [{ name: 'http', containerPort: shape.port ?? 8080 }] },
    ],
  },
  status: {
    phase: shape.phase ?? 'Running',
    podIPs: shape.ip === '' ? [] : [{ ip: shape.ip ?? `10.0.0.${number}` }],
    conditions: [{ type: 'Ready', status: shape.ready === false ? 'False' : 'True' }],
  },
})

const group = (pods: readonly Pod[], of = service()) =>
  groupEndpoints(of, pods, 'IPv4', () => undefined)

const sliceOf = (name: string, pods: readonly Pod[]): EndpointSlice => {
  const [first] = group(pods)
  return {
    metadata: { name },
    addressType: 'IPv4',
    endpoints: first?.endpoints ?? [],
    ports: [...(first?.ports ?? [])],
  }
}

const summary = ({ write, remove }: ReturnType<typeof planSlices>) => ({
  write: write.map(
    ({ slice, endpoints }) => `${slice?.metadata.name ?? 'new'}:${endpoints.length}`,
  ),
  remove: remove.map(({ metadata }) => metadata.name),
})

describe('groupEndpoints', () => {
  it.each<{ rule: string; shape: Shape; conditions: [boolean, boolean, boolean] | undefined }>([
    { rule: 'ready', shape: {}, conditions: [true, true, false] },
    { rule: 'not ready', shape: { ready: false }, conditions: [false, false, false] },
    { rule: 'on its way out', shape: { terminating: true }, conditions: [false, true, true] },
    { rule: 'ended', shape: { phase: 'Succeeded' }, conditions: undefined },
    { rule: 'without an address', shape: { ip: '' }, conditions: undefined },
    { rule: 'of another family', shape: { ip: 'fd00::1' }, conditions: undefined },
  ])('$rule', ({ shape, conditions }) => {
    const [only] = group([pod(1, shape)])
    const found = only?.endpoints[0]?.conditions
    expect(found && [found.ready, found.serving, found.terminating]).toEqual(conditions)
  })

  it('keeps apart Pods whose port of that name has another number', () => {
    const groups = group([pod(1), pod(2, { port: 9090 }), pod(3)])
    expect(groups.map(({ ports, endpoints }) => [ports[0]?.port, endpoints.length])).toEqual([
      [8080, 2],
      [9090, 1],
    ])
  })

  it('leaves out a port that the Pod does not name', () => {
    const [only] = group([pod(1)], service([{ port: 80, targetPort: 'other' }]))
    expect(only?.ports).toEqual([])
  })
})

describe('planSlices', () => {
  const pods = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => pod(from + index))

  it('fills slices of a hundred', () => {
    expect(summary(planSlices(group(pods(0, 250)), []))).toEqual({
      write: ['new:100', 'new:100', 'new:50'],
      remove: [],
    })
  })

  it('writes nothing when nothing has changed', () => {
    const existing = [sliceOf('a', pods(0, 100)), sliceOf('b', pods(100, 120))]
    expect(summary(planSlices(group(pods(0, 120)), existing))).toEqual({ write: [], remove: [] })
  })

  it('puts new endpoints into a slice that has to be written anyway', () => {
    const existing = [sliceOf('a', pods(0, 90)), sliceOf('b', pods(90, 120))]
    // 100 is gone, which slice b said; 120 and 121 are new.
    const now = pods(0, 122).filter(({ metadata }) => metadata.name !== 'web-100')
    expect(summary(planSlices(group(now), existing))).toEqual({ write: ['b:31'], remove: [] })
  })

  it('removes a slice that has become empty', () => {
    const existing = [sliceOf('a', pods(0, 100)), sliceOf('b', pods(100, 101))]
    expect(summary(planSlices(group(pods(0, 100)), existing))).toEqual({ write: [], remove: ['b'] })
  })

  it('keeps one empty slice for a Service without endpoints, and uses it later', () => {
    expect(summary(planSlices([], []))).toEqual({ write: ['new:0'], remove: [] })
    const empty: EndpointSlice = { metadata: { name: 'a' }, addressType: 'IPv4' }
    expect(summary(planSlices([], [empty]))).toEqual({ write: [], remove: [] })
    expect(summary(planSlices(group(pods(0, 3)), [empty]))).toEqual({ write: ['a:3'], remove: [] })
    expect(summary(planSlices([], [sliceOf('a', pods(0, 3))]))).toEqual({
      write: ['a:0'],
      remove: [],
    })
  })
})

describe('hints', () => {
  const inZone = { forZones: [{ name: 'a' }] }

  it.each([
    [undefined, true, undefined],
    ['PreferClose', true, inZone],
    ['PreferSameZone', true, inZone],
    ['PreferSameZone', false, undefined],
    ['PreferSameNode', true, { ...inZone, forNodes: [{ name: 'node-1' }] }],
  ])('%s, ready: %s', (trafficDistribution, ready, hints) => {
    const { spec, ...web } = service()
    const near = { ...web, spec: { ...spec, ...(trafficDistribution && { trafficDistribution }) } }
    const [group] = groupEndpoints(near, [pod(1, { ready })], 'IPv4', () => 'a')
    expect(group?.endpoints[0]?.hints).toEqual(hints)
  })
})

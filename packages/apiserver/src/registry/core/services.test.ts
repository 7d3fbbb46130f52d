import type { KubeObject, Service } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import type { StrategyContext } from '../strategy.js'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { ServiceAllocator } from './service-allocation.js'
import { servicesStrategy } from './services.js'

const services = servicesStrategy()
/** As a client may write it: less than is required of what is stored. */
type Spec = Omit<Partial<Service['spec']>, 'ports'> & { ports?: object[] }
const service = (spec: Spec, name = 's'): Service =>
  ({
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
    status: {},
  }) as Service

describe('a Service is refused for', () => {
  it.each<[string, Spec, string[]]>([
    ['no ports', { ports: [] }, ['spec.ports: Required value']],
    [
      'ports without names',
      { ports: [{ port: 1 }, { port: 2 }] },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'one port twice',
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'b', port: 1 },
        ],
      },
      [
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":1,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'a node port of a cluster IP',
      { ports: [{ port: 1, nodePort: 30001 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'an external name that is none',
      { type: 'ExternalName' },
      ['spec.externalName: Required value'],
    ],
    [
      'a policy for traffic that never comes',
      { externalTrafficPolicy: 'Local' },
      [
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
      ],
    ],
  ])('%s', (_what, spec, faults) => {
    expect(faultsOf(services, service(spec))).toEqual(faults)
  })

  it('another cluster IP than it has', () => {
    const stored = service({ clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] })
    const draft = service({ clusterIP: '10.0.0.6', clusterIPs: ['10.0.0.6'] })
    expect(updateFaultsOf(services, draft, stored)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.6"]: may not change once set',
    ])
  })
})

describe('a change of type', () => {
  it('drops what the new type has no use for', () => {
    const stored = service({
      type: 'LoadBalancer',
      clusterIP: '10.0.0.5',
      clusterIPs: ['10.0.0.5'],
      externalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true,
      ports: [{ port: 80, protocol: 'TCP', nodePort: 30100 }],
    })
    const draft = structuredClone(stored)
    draft.spec.type = 'ClusterIP'
    services.prepareForUpdate?.(draft, stored, contextWith())
    expect(draft.spec).toEqual({
      type: 'ClusterIP',
      clusterIP: '10.0.0.5',
      clusterIPs: ['10.0.0.5'],
      ports: [{ port: 80, protocol: 'TCP' }],
    })
  })
})

describe('what a write does before it is looked at', () => {
  const address = { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] }
  const families = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }
  const stored = service({ type: 'ClusterIP', ...address, ...families })
  const change = async (spec: Spec, before = stored, dryRun = false) => {
    const draft = structuredClone(service(spec))
    await services.allocate?.(draft, before, { ...contextWith(), dryRun })
    return draft.spec
  }

  it('keeps what an update leaves out', async () => {
    expect(await change({ type: 'ClusterIP' })).toMatchObject({ ...address, ...families })
  })

  it.each<[string, Spec, string]>([
    [
      'an address that is none',
      { clusterIP: 'x' },
      'Service "s" is invalid: spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'a family that the cluster has not',
      { ipFamilies: ['IPv6'] },
      'Service "s" is invalid: spec.clusterIPs[0]: Invalid value: "10.0.0.5": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      'two addresses of one stack',
      { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5', 'fd::1'] },
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
    ],
  ])('refuses %s, and nothing else', async (_what, spec, message) => {
    await expect(change({ type: 'ClusterIP', ...spec })).rejects.toThrow(message)
  })

  it('gives a port the number that it had by its name, unless another has it now', async () => {
    const before = service({
      type: 'NodePort',
      ...address,
      ...families,
      ports: [
        { name: 'a', port: 1, protocol: 'TCP', nodePort: 30001 },
        { name: 'b', port: 2, protocol: 'TCP', nodePort: 30002 },
      ],
    })
    const ports = [
      { name: 'a', port: 8, protocol: 'TCP' },
      { name: 'b', port: 2, protocol: 'TCP' },
    ]
    const kept = await change({ type: 'NodePort', ports }, before)
    expect(kept.ports?.map(({ nodePort }) => nodePort)).toEqual([30001, 30002])
    const moved = [
      { ...ports[0], nodePort: 30002 },
      { ...ports[1], name: 'b' },
    ]
    const { ports: after } = await change({ type: 'NodePort', ports: moved }, before, true)
    expect(after?.map(({ nodePort }) => nodePort)).toEqual([30002, 32769])
    const without = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }
    const released = await change({ ...without, ports }, service({ ...before.spec, ...without }))
    expect(released.ports?.map(({ nodePort }) => nodePort)).toEqual([undefined, undefined])
    const twice = ports.map((port) => ({ ...port, nodePort: 30001 }))
    await expect(change({ type: 'NodePort', ports: twice }, before)).rejects.toThrow(
      'duplicate nodePort: {TCP 30001}',
    )
  })
})

it('the class of a balancer is checked twice in an update', () => {
  const spec = { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5'] }
  const draft = service({ ...spec, loadBalancerClass: 'a/b' })
  expect(updateFaultsOf(services, draft, service(spec))).toEqual(
    Array(2).fill(
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ),
  )
})

describe('the allocator', () => {
  const ranges = { clusterIPs: '10.0.0.0/29', nodePorts: { from: 30000, to: 30002 } }
  const taken = (spec: Spec): KubeObject & { at: string } =>
    ({ ...service(spec, 'taken'), at: '/services' }) as unknown as KubeObject & { at: string }

  it.each([
    ['1.2.3.4', false, 'the provided network does not match the current range'],
    ['1.2.3.4', true, 'the provided IP (1.2.3.4) is not in the valid range. The range of'],
    ['10.0.0.0', false, 'the provided network does not match the current range'],
    ['10.0.0.7', false, 'the provided network does not match the current range'],
    ['10.0.0.7', true, 'is not in the valid range. The range of valid IPs is 10.0.0.0/29'],
  ])('says of %s, in a dry run (%s) maybe in other words', async (clusterIP, dryRun, text) => {
    const draft = service({ type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP] })
    const context = { ...contextWith([]), dryRun }
    await expect(new ServiceAllocator(ranges).allocate(draft, undefined, context)).rejects.toThrow(
      text,
    )
  })

  const withAddress = (clusterIP: string) =>
    service({ type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP] })
  const addressesIn = ({ lister }: StrategyContext) =>
    [...lister.list('networking.k8s.io', 'ipaddresses')].map(({ metadata }) => metadata.name).sort()

  it('gives every address of the range once, without network and broadcast, as IPAddresses', async () => {
    const allocator = new ServiceAllocator(ranges)
    const context = contextWith()
    const given: unknown[] = []
    for (let n = 0; n < 6; n++) {
      const draft = service({ type: 'ClusterIP' })
      await (await allocator.allocate(draft, undefined, context)).commit()
      given.push(draft.spec.clusterIP)
    }
    expect(given.sort()).toEqual([1, 2, 3, 4, 5, 6].map((last) => `10.0.0.${last}`))
    expect(addressesIn(context)).toEqual(given)
    const more = allocator.allocate(service({ type: 'ClusterIP' }), undefined, context)
    await expect(more).rejects.toThrow(
      'Internal error occurred: failed to allocate a serviceIP for Service "s": range is full',
    )
  })

  it('refuses what somebody has, and gives what nobody has any more', async () => {
    const allocator = new ServiceAllocator(ranges)
    const address = { metadata: { name: '10.0.0.3' }, at: 'networking.k8s.io/ipaddresses' }
    const context = contextWith([address as KubeObject & { at: string }])
    const draft = withAddress('10.0.0.3')
    await expect(allocator.allocate(draft, undefined, context)).rejects.toThrow(
      'failed to allocate IP 10.0.0.3: provided IP is already allocated',
    )
    await context.companions.remove('networking.k8s.io', 'ipaddresses', undefined, '10.0.0.3')
    const allocation = await allocator.allocate(draft, undefined, context)
    expect(addressesIn(context)).toEqual(['10.0.0.3'])
    await allocation.rollback()
    expect(addressesIn(context)).toEqual([])
  })

  it('gives an address back when its Service has none any more', async () => {
    const allocator = new ServiceAllocator(ranges)
    const context = contextWith()
    const before = withAddress('10.0.0.3')
    await (await allocator.allocate(before, undefined, context)).commit()
    const after = service({ type: 'ExternalName', externalName: 'a.b' })
    await (await allocator.allocate(after, before, context)).commit()
    expect(addressesIn(context)).toEqual([])
  })

  it.each([
    ['no word of', undefined, '10.9.0.2'],
    ['True', 'True', '10.9.0.2'],
    ['False', 'False', undefined],
  ])('takes the ranges of ServiceCIDRs with %s readiness', async (_, status, given) => {
    const conditions = status === undefined ? [] : [{ type: 'Ready', status }]
    const cidr = (name: string, range: string) => ({
      metadata: { name },
      spec: { cidrs: [range] },
      status: { conditions: name === 'kubernetes' ? [] : conditions },
      at: 'networking.k8s.io/servicecidrs',
    })
    const context = contextWith([cidr('kubernetes', '10.0.0.0/29'), cidr('more', '10.9.0.0/29')])
    const draft = withAddress('10.9.0.2')
    const allocation = new ServiceAllocator(ranges).allocate(draft, undefined, context)
    if (given === undefined) await expect(allocation).rejects.toThrow('does not match the current')
    else await expect(allocation).resolves.toBeDefined()
  })

  it('calls a port for health checks that is taken a failure of its own, as the real one does', async () => {
    const allocator = new ServiceAllocator(ranges)
    const context = contextWith([
      taken({ type: 'NodePort', ports: [{ port: 1, nodePort: 30001 }] }),
    ])
    const draft = service({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 30001,
    })
    await expect(allocator.allocate(draft, undefined, context)).rejects.toThrow(
      'Internal error occurred: failed to allocate requested HealthCheck NodePort 30001: provided port is already allocated',
    )
  })

  it('takes back what a failed write had', async () => {
    const allocator = new ServiceAllocator(ranges)
    const context = contextWith()
    const wanted = () =>
      service({ type: 'NodePort', ports: [{ port: 1, protocol: 'TCP', nodePort: 30001 }] })
    await (await allocator.allocate(wanted(), undefined, context)).rollback()
    await (await allocator.allocate(wanted(), undefined, context)).commit()
    await expect(allocator.allocate(wanted(), undefined, context)).rejects.toThrow(
      'spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated',
    )
  })
})

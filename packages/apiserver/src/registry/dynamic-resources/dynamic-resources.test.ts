import type { KubeObject, resourceV1 } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { deviceClasses } from './device-classes.js'
import { resourceClaimTemplates } from './resource-claim-templates.js'
import { resourceClaims } from './resource-claims.js'
import { resourceSlices } from './resource-slices.js'

const gpu = { deviceClassName: 'gpu' }
const claim = (devices: object, status: object = {}) => ({
  metadata: { name: 'c', namespace: 'default' },
  spec: { devices },
  status,
})
const slice = (spec: object) => ({
  metadata: { name: 's' },
  spec: {
    driver: 'd.example.com',
    pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    nodeName: 'n',
    ...spec,
  },
})

describe('a ResourceClaim', () => {
  it('asks for one device unless it says more', () => {
    const draft = claim({
      requests: [
        { name: 'a', exactly: { ...gpu } },
        { name: 'b', exactly: { ...gpu, allocationMode: 'All' } },
        { name: 'c', firstAvailable: [{ name: 'x', ...gpu, count: 3 }] },
      ],
    })
    resourceClaims.setDefaults?.(draft as unknown as resourceV1.ResourceClaim)
    expect(draft.spec.devices).toEqual({
      requests: [
        { name: 'a', exactly: { ...gpu, allocationMode: 'ExactCount', count: 1 } },
        { name: 'b', exactly: { ...gpu, allocationMode: 'All' } },
        {
          name: 'c',
          firstAvailable: [{ name: 'x', ...gpu, allocationMode: 'ExactCount', count: 3 }],
        },
      ],
    })
  })

  const request = (exactly: object = {}) => ({ name: 'q', exactly: { ...gpu, ...exactly } })
  it.each<[string, object, string[]]>([
    [
      'without devices',
      { requests: [{ name: 'q' }] },
      [
        'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      ],
    ],
    [
      'with a count of all',
      { requests: [request({ allocationMode: 'All', count: 2 })] },
      [
        "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      ],
    ],
    [
      'with access of administrators, where nobody allowed it',
      { requests: [request({ adminAccess: true })] },
      [
        'spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
      ],
    ],
    [
      'with an impossible toleration',
      { requests: [request({ tolerations: [{ operator: 'Exists', value: 'x' }] })] },
      [
        'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "x": must be empty for operator `Exists`',
      ],
    ],
    [
      'with a constraint on nothing',
      { requests: [request()], constraints: [{ requests: ['q', 'q/x', 'a/b/c'] }] },
      [
        'spec.devices.constraints[0].requests[1]: Invalid value: "q/x": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
        'spec.devices.constraints[0].requests[2]: Invalid value: "a/b/c": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
        'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ],
    ],
    [
      'with a configuration for nobody',
      { requests: [request()], config: [{}, { opaque: { driver: 'd', parameters: [] } }] },
      [
        'spec.devices.config[0].opaque: Required value',
        'spec.devices.config[1].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
      ],
    ],
    [
      'with too many requests',
      { requests: Array.from({ length: 33 }, (_, i) => ({ ...request(), name: `q${i}` })) },
      ['spec.devices.requests: Too many: 33: must have at most 32 items'],
    ],
  ])('%s is refused', (_what, devices, faults) => {
    expect(faultsOf(resourceClaims, claim(devices))).toEqual(faults)
  })

  it('never changes what it asks for', () => {
    const draft = claim({ requests: [request({ count: 2 })] })
    expect(updateFaultsOf(resourceClaims, draft, claim({ requests: [request()] }))).toEqual([
      'spec: Invalid value: {"Devices":{"Requests":[{"Name":"q","Exactly":{"DeviceClassName":"gpu","Selectors":null,"AllocationMode":"ExactCount","Count":2,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
    ])
  })

  const result = { request: 'q', driver: 'd', pool: 'p', device: 'one' }
  const allocation = { devices: { results: [result] } }
  const consumer = { resource: 'pods', name: 'p', uid: 'u' }
  it.each<[string, object, object, string[]]>([
    [
      'reserved before it is allocated',
      { reservedFor: [consumer] },
      {},
      ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    ['allocated and reserved', { allocation, reservedFor: [consumer] }, {}, []],
    [
      'allocated another device',
      { allocation: { devices: { results: [{ ...result, device: 'two' }] } } },
      { allocation },
      [
        'status.allocation: Invalid value: {"Devices":{"Results":[{"Request":"q","Driver":"d","Pool":"p","Device":"two","AdminAccess":null,"Tolerations":null,"BindingConditions":null,"BindingFailureConditions":null,"ShareID":null,"ConsumedCapacity":null}],"Config":null},"NodeSelector":null,"AllocationTimestamp":null}: field is immutable',
      ],
    ],
    [
      'said to have a device that is not its own',
      { allocation, devices: [{ driver: 'd', pool: 'p', device: 'x' }] },
      { allocation },
      [
        'status.devices[0]: Invalid value: {"Driver":"d","Pool":"p","Device":"x","ShareID":""}: must be an allocated device in the claim',
      ],
    ],
  ])('%s', (_what, after, before, faults) => {
    const [draft, stored] = [after, before].map((status) =>
      claim({ requests: [request()] }, status),
    )
    const errors = resourceClaims.subresources?.status?.validateUpdate?.(
      draft as unknown as resourceV1.ResourceClaim,
      stored as unknown as resourceV1.ResourceClaim,
      contextWith(),
    )
    expect(errors?.map(({ field, message }) => `${field}: ${message}`)).toEqual(faults)
  })
})

describe('a ResourceClaimTemplate', () => {
  it('names faults where they are, and stays as it is', () => {
    const template = (metadata: object, name: string) => ({
      metadata: { name: 't', namespace: 'default' },
      spec: { metadata, spec: { devices: { requests: [{ name, exactly: gpu }] } } },
    })
    expect(faultsOf(resourceClaimTemplates, template({ labels: { a: '-' } }, 'q'))[0]).toMatch(
      /^spec\.metadata\.labels: Invalid value: "-"/,
    )
    expect(faultsOf(resourceClaimTemplates, template({ finalizers: ['a/b'] }, 'q'))).toEqual([
      'spec.metadata.finalizers: Forbidden: cannot be set',
    ])
    const [fault] = updateFaultsOf(resourceClaimTemplates, template({}, 'b'), template({}, 'a'))
    expect(fault).toMatch(/^spec: Invalid value: \{"Spec":\{"Devices":.*: field is immutable$/)
  })
})

describe('a DeviceClass', () => {
  it.each<[object, string[]]>([
    [{ selectors: [{}] }, ['spec.selectors[0].cel: Required value']],
    [
      { extendedResourceName: 'gpu' },
      ['spec.extendedResourceName: Invalid value: "gpu": must be a valid extended resource name'],
    ],
    [
      { config: [{ opaque: { driver: '', parameters: {} } }] },
      ['spec.config[0].opaque.driver: Required value'],
    ],
  ])('%j is refused', (spec, faults) => {
    expect(faultsOf(deviceClasses, { metadata: { name: 'c' }, spec })).toEqual(faults)
  })
})

describe('a ResourceSlice', () => {
  const device = (extra: object) => slice({ devices: [{ name: 'one', ...extra }] })
  const at = 'spec.devices[0]'
  it.each<[string, object, string[]]>([
    [
      'nowhere',
      slice({ nodeName: undefined }),
      [
        'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
      ],
    ],
    [
      'in two places',
      slice({ allNodes: true }),
      [
        'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      ],
    ],
    [
      'of an empty pool',
      slice({ pool: { name: 'p', generation: 0, resourceSliceCount: 0 } }),
      ['spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero'],
    ],
    [
      'with one device twice',
      slice({ devices: [{ name: 'one' }, { name: 'one' }] }),
      ['spec.devices[1]: Duplicate value: "one"'],
    ],
    [
      'with attributes that are none',
      device({ attributes: { a: {}, b: { string: 'x', int: 1 }, c: { version: '1' } } }),
      [
        `${at}.attributes[a]: Invalid value: "": exactly one value must be specified`,
        `${at}.attributes[b]: Invalid value: {"IntValue":1,"BoolValue":null,"StringValue":"x","VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified`,
        `${at}.attributes[c].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0`,
      ],
    ],
    [
      'with a policy for what nobody shares',
      device({ capacity: { a: { value: '1', requestPolicy: { default: '1' } } } }),
      [`${at}.capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true`],
    ],
    [
      'with steps that do not meet the default',
      device({
        allowMultipleAllocations: true,
        capacity: {
          a: {
            value: '10',
            requestPolicy: { default: '4', validRange: { min: '1', step: '2', max: '9' } },
          },
        },
      }),
      [
        `${at}.capacity[a].requestPolicy.validRange.step: Invalid value: "4": value is not a multiple of a given step (2) from (1)`,
      ],
    ],
    [
      'with a taint of no effect',
      device({ taints: [{ key: 'k', effect: 'X' }] }),
      [
        `${at}.taints[0].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"`,
      ],
    ],
  ])('%s is refused', (_what, object, faults) => {
    expect(faultsOf(resourceSlices, object)).toEqual(faults)
  })

  it('keeps its node, and dates its taints', () => {
    expect(updateFaultsOf(resourceSlices, slice({ nodeName: 'm' }), slice({}))).toEqual([
      'spec.nodeName: Invalid value: "m": field is immutable',
    ])
    const draft = device({ taints: [{ key: 'k', effect: 'None' }] }) as KubeObject
    resourceSlices.prepareForCreate?.(draft as never, contextWith())
    expect(draft).toMatchObject({
      metadata: { generation: 1 },
      spec: { devices: [{ taints: [{ timeAdded: expect.stringMatching(/Z$/) }] }] },
    })
  })
})

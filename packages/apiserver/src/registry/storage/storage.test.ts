import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@miniplane/api'
import { expect, it } from 'vitest'
import { faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { csiDrivers } from './csi-drivers.js'
import { csiNodes } from './csi-nodes.js'
import { csiStorageCapacities } from './csi-storage-capacities.js'
import { storageClasses } from './storage-classes.js'
import { volumeAttachments } from './volume-attachments.js'
import { volumeAttributesClasses } from './volume-attributes-classes.js'

const expression = (key: string, ...values: string[]) => ({ key, values })

it.each<[string, object, string[]]>([
  [
    'places named twice',
    {
      allowedTopologies: [
        { matchLabelExpressions: [expression('zone', 'a', 'b')] },
        { matchLabelExpressions: [expression('zone', 'b', 'a')] },
      ],
    },
    ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'a place twice in one list',
    { allowedTopologies: [{ matchLabelExpressions: [expression('zone', 'a', 'a')] }] },
    ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
  ],
  [
    'no places',
    { allowedTopologies: [{ matchLabelExpressions: [expression('zone')] }] },
    ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
  ],
  [
    'an empty term',
    { allowedTopologies: [{}] },
    ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ],
  ['no reclaim policy', { reclaimPolicy: '' }, []],
  [
    'large parameters',
    { parameters: { a: 'x'.repeat(256 * 1024) } },
    ['parameters: Too long: may not be more than 262144 bytes'],
  ],
])('a StorageClass with %s', (_what, more, faults) => {
  const one = { metadata: { name: 's' }, provisioner: 'example.com/p', ...more } as StorageClass
  expect(faultsOf(storageClasses, one)).toEqual(faults)
})

it.each<[object, string[]]>([
  [
    { nodeAllocatableUpdatePeriodSeconds: 5 },
    [
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 5: must be greater than or equal to 10 seconds',
    ],
  ],
  [
    { serviceAccountTokenInSecrets: true },
    [
      'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  ],
])('the CSIDriver %j', (spec, faults) => {
  expect(faultsOf(csiDrivers, { metadata: { name: 'd' }, spec } as CSIDriver)).toEqual(faults)
})

it.each([
  [storageClasses, { provisioner: 'a/b' }, { provisioner: '' }, 'provisioner'],
  [csiStorageCapacities, { storageClassName: 'a' }, { storageClassName: 'A' }, 'storageClassName'],
] as const)('what may not change is also looked at by itself: %#', (strategy, old, changed, at) => {
  const metadata = { name: 'x' }
  const faults = updateFaultsOf(
    strategy as typeof storageClasses,
    { metadata, ...changed } as StorageClass,
    { metadata, ...old } as StorageClass,
  )
  expect(faults).toHaveLength(2)
  expect(faults[1]).toMatch(new RegExp(`^${at}: Invalid value: .*: field is immutable$`))
})

const csiNode = (...drivers: object[]) =>
  ({ metadata: { name: 'n' }, spec: { drivers } }) as CSINode

it('a CSINode names each driver once', () => {
  const driver = { name: 'a.com', nodeID: 'n', topologyKeys: ['k', 'k'] }
  const unnamed = { name: 'a.com', nodeID: '', allocatable: { count: -1 } }
  expect(faultsOf(csiNodes, csiNode(driver, unnamed))).toEqual([
    'spec.drivers[0]: Duplicate value: "k"',
    'spec.drivers[1].nodeID: Required value',
    'spec.drivers[1].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    'spec.drivers[1].name: Duplicate value: "a.com"',
  ])
})

it('a driver of a CSINode changes how much it can attach and nothing else', () => {
  const before = csiNode({ name: 'a.com', nodeID: 'n', allocatable: { count: 1 } })
  const more = csiNode({ name: 'a.com', nodeID: 'n', allocatable: { count: 2 } })
  const other = csiNode({ name: 'a.com', nodeID: 'm' })
  expect(updateFaultsOf(csiNodes, more, before)).toEqual([])
  expect(updateFaultsOf(csiNodes, other, before)).toEqual([
    'spec.drivers: Invalid value: {"Name":"a.com","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable',
  ])
})

it('a CSIStorageCapacity answers the question it was made for', () => {
  const before = { metadata: {}, storageClassName: 's', capacity: '1Gi' } as CSIStorageCapacity
  const after = { ...before, storageClassName: 't' }
  expect(faultsOf(csiStorageCapacities, { ...before, capacity: '-1' })).toEqual([
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ])
  expect(updateFaultsOf(csiStorageCapacities, after, before)).toEqual([
    'storageClassName: Invalid value: "t": field is immutable',
  ])
})

it('a VolumeAttributesClass stays as it was made', () => {
  const before = {
    metadata: { name: 'v' },
    driverName: 'a.com',
    parameters: { a: 'b' },
  } as unknown as VolumeAttributesClass
  expect(updateFaultsOf(volumeAttributesClasses, { ...before, parameters: {} }, before)).toEqual([
    'parameters: Forbidden: updates to parameters are forbidden.',
    'parameters: Required value: must contain at least one key/value pair',
  ])
})

it('a VolumeAttachment has one source', () => {
  const source = { persistentVolumeName: 'v', inlineVolumeSpec: {} }
  const spec = { attacher: 'a.com', nodeName: 'n', source }
  expect(faultsOf(volumeAttachments, { spec } as unknown as VolumeAttachment)).toEqual([
    'spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
  ])
})

it('a VolumeAttachment names its node and its volume, in this order', () => {
  const spec = { attacher: 'a.com', nodeName: 'N', source: { persistentVolumeName: 'V' } }
  const faults = faultsOf(volumeAttachments, { spec } as unknown as VolumeAttachment)
  expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
    'spec.nodeName',
    'spec.source.persistentVolumeName',
  ])
})

it('a CSIDriver is warned of tokens that may be logged, when it asks for others', () => {
  const driver = (audience: string) =>
    ({ metadata: { name: 'd' }, spec: { tokenRequests: [{ audience }] } }) as CSIDriver
  const warnings = (draft: CSIDriver) => csiDrivers.warningsOnUpdate?.(draft, driver('a'))?.length
  expect([warnings(driver('a')), warnings(driver('b'))]).toEqual([0, 1])
})

it('a capacity everywhere is another than one nowhere', () => {
  const before = { metadata: {}, storageClassName: 's' } as CSIStorageCapacity
  expect(updateFaultsOf(csiStorageCapacities, { ...before, nodeTopology: {} }, before)).toEqual([
    'nodeTopology: Invalid value: {}: field is immutable',
  ])
})

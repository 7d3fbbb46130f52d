import type { CSINode, PersistentVolume, PersistentVolumeClaim, StorageClass } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { clusterOf, infoOf, nodeOf } from '../cluster.suite.js'
import type { Listers } from '../snapshot/cluster-view.js'
import { nodeVolumeLimits } from './node-volume-limits.js'
import { verdicts } from './verdicts.fixture.js'
import { volumeBinding } from './volume-binding.js'
import { volumeRestrictions } from './volume-restrictions.js'
import { volumeZone } from './volume-zone.js'

describe('VolumeRestrictions', () => {
  const spec = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] as never }
  const inUse =
    'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'

  test.each([
    ['ReadWriteOncePod', { a: inUse, b: inUse }],
    ['ReadWriteOnce', { a: 'fits', b: 'fits' }],
  ])('a claim in use, %s', (mode, expected) => {
    const claim = { spec: { accessModes: [mode] } } as PersistentVolumeClaim
    const nodes = [nodeOf('a'), nodeOf('b')]
    const cluster = clusterOf(nodes, { a: [infoOf('old', { spec })] }, { claim: () => claim })
    expect(verdicts(volumeRestrictions, infoOf('new', { spec }), cluster)).toEqual(expected)
  })
})

describe('NodeVolumeLimits', () => {
  const using = (...names: string[]) => ({
    spec: {
      volumes: names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })) as never,
    },
  })
  const driver = 'csi.example.com'
  const listers: Partial<Listers> = {
    claim: (_, name) => ({ spec: { volumeName: name } }) as PersistentVolumeClaim,
    volume: (name) => ({ spec: { csi: { driver, volumeHandle: name } } }) as PersistentVolume,
    csiNode: (name) =>
      name === 'a'
        ? ({ spec: { drivers: [{ name: driver, allocatable: { count: 2 } }] } } as CSINode)
        : undefined,
  }

  test.each([
    ['as many as may be', ['x'], 'fits'],
    ['one too many', ['x', 'y'], 'node(s) exceed max volume count'],
    ['one that is there already', ['old'], 'fits'],
    ['none', [], 'fits'],
  ])('%s', (_, names, expected) => {
    const there = { a: [infoOf('there', using('old'))] }
    const cluster = clusterOf([nodeOf('a'), nodeOf('b')], there, listers)
    const told = verdicts(nodeVolumeLimits, infoOf('new', using(...names)), cluster)
    expect(told).toEqual({ a: expected, b: 'fits' })
  })
})

describe('VolumeZone', () => {
  const zone = 'topology.kubernetes.io/zone'
  const oldZone = 'failure-domain.beta.kubernetes.io/zone'
  const spec = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] as never }
  const nodes = [
    nodeOf('x', { labels: { [zone]: 'x' } }),
    nodeOf('y', { labels: { [zone]: 'y' } }),
    nodeOf('nowhere'),
  ]
  const refused = '!node(s) had no available volume zone'

  test.each([
    ['of one zone', { [zone]: 'x' }, { x: 'fits', y: refused, nowhere: 'fits' }],
    ['of two', { [zone]: 'x__y' }, { x: 'fits', y: 'fits', nowhere: 'fits' }],
    ['by the older name', { [oldZone]: 'y' }, { x: refused, y: 'fits', nowhere: 'fits' }],
    ['without a zone', {}, { x: 'fits', y: 'fits', nowhere: 'fits' }],
  ])('a volume %s', (_, labels, expected) => {
    const cluster = clusterOf(
      nodes,
      {},
      {
        claim: () => ({ spec: { volumeName: 'pv' } }) as PersistentVolumeClaim,
        volume: () => ({ metadata: { labels }, spec: {} }) as PersistentVolume,
      },
    )
    expect(verdicts(volumeZone, infoOf('new', { spec }), cluster)).toEqual(expected)
  })
})

describe('VolumeBinding', () => {
  const pod = infoOf('new', {
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] as never },
  })
  const claim = (spec: object, status: object = { phase: 'Pending' }): PersistentVolumeClaim =>
    ({ metadata: { name: 'data', namespace: 'default' }, spec, status }) as PersistentVolumeClaim
  const nodes = [nodeOf('a'), nodeOf('b')]
  const noVolume = "node(s) didn't find available persistent volumes to bind"
  const late = {
    volumeBindingMode: 'WaitForFirstConsumer',
    provisioner: 'csi.example.com',
  } as StorageClass
  const local = { ...late, provisioner: 'kubernetes.io/no-provisioner' }
  const waiting = claim({ storageClassName: 's' })
  const onB = {
    metadata: { name: 'on-b' },
    spec: {
      storageClassName: 's',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            {
              matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }],
            },
          ],
        },
      },
    },
    status: { phase: 'Available' },
  } as PersistentVolume

  test.each<[string, Partial<Listers>, Record<string, string>]>([
    ['no such claim', {}, { '*': '!persistentvolumeclaim "data" not found' }],
    [
      'not bound yet',
      { claim: () => claim({}) },
      { '*': '!pod has unbound immediate PersistentVolumeClaims' },
    ],
    ['bound', { claim: () => claim({ volumeName: 'pv' }) }, { a: 'fits', b: 'fits' }],
    [
      'waits for its consumer',
      { claim: () => waiting, storageClass: () => late },
      { a: 'fits', b: 'fits' },
    ],
    [
      'waits for its consumer, and somebody who makes a volume where that may be',
      {
        claim: () => waiting,
        storageClass: () => ({
          ...late,
          allowedTopologies: [
            { matchLabelExpressions: [{ key: 'kubernetes.io/hostname', values: ['b'] }] },
          ],
        }),
      },
      { a: `!${noVolume}`, b: 'fits' },
    ],
    [
      'waits for its consumer, and nobody makes volumes',
      { claim: () => waiting, storageClass: () => local, volumes: () => [onB] },
      { a: `!${noVolume}`, b: 'fits' },
    ],
    [
      'is meant for one node by now',
      {
        claim: () => ({
          ...waiting,
          metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'b' } },
        }),
        storageClass: () => late,
      },
      { a: `!${noVolume}`, b: 'fits' },
    ],
    [
      'bound to a volume of one node',
      { claim: () => claim({ volumeName: 'pv' }), volume: () => onB },
      { a: "!node(s) didn't match PersistentVolume's node affinity", b: 'fits' },
    ],
  ])('%s', (_, listers, expected) => {
    expect(verdicts(volumeBinding, pod, clusterOf(nodes, {}, listers))).toEqual(expected)
  })
})

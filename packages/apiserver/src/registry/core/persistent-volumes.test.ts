import type { PersistentVolume } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { persistentVolumes } from './persistent-volumes.js'

const volume = (spec: object) =>
  ({
    metadata: { name: 'v' },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
    status: {},
  }) as unknown as PersistentVolume
const hostPath = { path: '/x' }
const exists = (key: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }] },
  },
})

describe('a PersistentVolume is refused for', () => {
  it.each<[string, object, string[]]>([
    ['no source', {}, ['spec: Required value: must specify a volume type']],
    [
      'two sources',
      { hostPath, nfs: { server: 'a', path: '/b' } },
      ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a capacity of other things',
      { hostPath, capacity: { cpu: '1' } },
      ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
    ],
    [
      'a whole disk of a node to be wiped',
      { hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' },
      [
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      'a disk of no node',
      { local: { path: '/a' } },
      ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
    ],
    [
      'iSCSI names, of which less is said than in a Pod',
      {
        iscsi: { targetPortal: 'h'.repeat(63), iqn: 'x', lun: 0, initiatorName: 'y' },
      },
      [
        `spec.iscsi.targetportal: Invalid value: "${'h'.repeat(63)}": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.`,
        'spec.iscsi.iqn: Invalid value: "x": must be valid format',
        'spec.iscsi.initiatorname: Invalid value: "y": must be valid format',
      ],
    ],
  ])('%s', (_what, spec, faults) => {
    expect(faultsOf(persistentVolumes, volume(spec))).toEqual(faults)
  })
})

it('a faulty PersistentVolume hears of it twice when it changes', () => {
  const faulty = volume({ hostPath, persistentVolumeReclaimPolicy: 'X' })
  faulty.metadata.annotations = { 'volume.beta.kubernetes.io/mount-options': 'ro' }
  const policy =
    'spec.persistentVolumeReclaimPolicy: Unsupported value: "X": supported values: "Delete", "Recycle", "Retain"'
  const options =
    'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type'
  expect(faultsOf(persistentVolumes, faulty)).toEqual([policy, options])
  expect(updateFaultsOf(persistentVolumes, faulty, faulty)).toEqual([policy, options, policy])
})

describe('a PersistentVolume keeps', () => {
  it.each<[string, object, object, string]>([
    [
      'its mode',
      { hostPath, volumeMode: 'Filesystem' },
      { hostPath, volumeMode: 'Block' },
      'volumeMode: Invalid value: "Block": field is immutable',
    ],
    [
      'its nodes, once it has some',
      { hostPath, ...exists('a') },
      { hostPath, ...exists('b') },
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
  ])('%s', (_what, before, after, fault) => {
    expect(updateFaultsOf(persistentVolumes, volume(after), volume(before))).toEqual([fault])
    expect(updateFaultsOf(persistentVolumes, volume(after), volume({ hostPath }))).toEqual(
      'nodeAffinity' in after ? [] : [fault],
    )
  })
})

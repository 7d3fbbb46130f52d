import type { PersistentVolume } from '@miniplane/api'
import { expect, it } from 'vitest'
import { fateOf } from './reclaim.js'

const volume = (spec: object, annotations: Record<string, string> = {}): PersistentVolume => ({
  metadata: { name: 'pv', annotations },
  spec: { persistentVolumeReclaimPolicy: 'Delete', ...spec },
  status: {},
})

it.each([
  [
    'retained',
    volume({ persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: '/tmp/a' } }),
    'keep',
  ],
  ['a folder below /tmp', volume({ hostPath: { path: '/tmp/a' } }), 'delete'],
  [
    'another folder',
    volume({ hostPath: { path: '/data' } }),
    { problem: 'host_path deleter only supports /tmp/.+ but received provided /data' },
  ],
  [
    'a disk of a node',
    volume({ local: { path: '/data' } }),
    {
      problem:
        'error getting deleter volume plugin for volume "pv": no deletable volume plugin matched',
    },
  ],
  [
    "a provisioner's",
    volume({ local: {} }, { 'pv.kubernetes.io/provisioned-by': 'csi.example.com' }),
    'keep',
  ],
])('%s', (_, of, fate) => {
  expect(fateOf(of)).toEqual(fate)
})

import type { PersistentVolume, PersistentVolumeClaim } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { bestVolume } from './match.js'

const volume = (name: string, spec: PersistentVolume['spec'] = {}): PersistentVolume => ({
  metadata: { name, labels: { tier: name } },
  spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  status: { phase: 'Available' },
})

const claim = (spec: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  metadata: { name: 'data', namespace: 'default', uid: 'u' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
  status: {},
})

const mine = { name: 'data', namespace: 'default' }

describe('bestVolume', () => {
  it.each<{
    rule: string
    claim?: Partial<PersistentVolumeClaim['spec']>
    volumes: PersistentVolume[]
    is: string | undefined
  }>([
    {
      rule: 'the smallest that is large enough',
      volumes: [
        volume('big', { capacity: { storage: '9Gi' } }),
        volume('fit'),
        volume('small', { capacity: { storage: '500Mi' } }),
      ],
      is: 'fit',
    },
    {
      rule: 'the one reserved for it, even if another is smaller',
      volumes: [volume('fit'), volume('mine', { capacity: { storage: '9Gi' }, claimRef: mine })],
      is: 'mine',
    },
    {
      rule: 'none while the reserved one does not fit',
      volumes: [volume('fit'), volume('mine', { storageClassName: 'x', claimRef: mine })],
      is: undefined,
    },
    {
      rule: 'nobody else’s, nor that of an earlier claim of the name',
      volumes: [
        volume('a', { claimRef: { name: 'other', namespace: 'default' } }),
        volume('b', { claimRef: { ...mine, uid: 'earlier' } }),
      ],
      is: undefined,
    },
    {
      rule: 'one of the class',
      claim: { storageClassName: 'fast' },
      volumes: [volume('plain'), volume('fast', { storageClassName: 'fast' })],
      is: 'fast',
    },
    {
      rule: 'one with every access mode',
      claim: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] },
      volumes: [volume('plain')],
      is: undefined,
    },
    {
      rule: 'one that the selector selects',
      claim: { selector: { matchLabels: { tier: 'b' } } },
      volumes: [volume('a'), volume('b')],
      is: 'b',
    },
    {
      rule: 'none that nobody has looked at yet',
      volumes: [{ ...volume('fresh'), status: { phase: 'Pending' } }],
      is: undefined,
    },
  ])('$rule', ({ claim: spec, volumes, is }) => {
    expect(bestVolume(claim(spec), volumes)?.metadata.name).toBe(is)
  })
})

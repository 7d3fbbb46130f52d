import type { OwnerReference, StatefulSet } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { claimOwners } from './claims.js'
import type { StatefulSetObject } from './identity.js'

type Policy = 'Retain' | 'Delete'

const setWith = (whenDeleted: Policy, whenScaled: Policy) =>
  ({
    metadata: { name: 'db', uid: 'set' },
    spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
  }) as StatefulSet as StatefulSetObject

const pod = { metadata: { name: 'db-1', uid: 'pod' } }

const owner = (uid: string, controller = true): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'Any',
  name: uid,
  uid,
  controller,
})

describe('claimOwners', () => {
  it.each<{ deleted: Policy; scaled: Policy; kept: string[]; condemned: string[] }>([
    { deleted: 'Retain', scaled: 'Retain', kept: [], condemned: [] },
    { deleted: 'Delete', scaled: 'Retain', kept: ['set'], condemned: ['set'] },
    { deleted: 'Retain', scaled: 'Delete', kept: [], condemned: ['pod'] },
    { deleted: 'Delete', scaled: 'Delete', kept: ['set'], condemned: ['pod'] },
  ])('whenDeleted $deleted, whenScaled $scaled', ({ deleted, scaled, kept, condemned }) => {
    const owners = (isCondemned: boolean, current: OwnerReference[]) =>
      claimOwners(setWith(deleted, scaled), pod, isCondemned, current).map(({ uid }) => uid)
    for (const current of [[], [owner('set')], [owner('pod')]]) {
      expect(owners(false, current)).toEqual(kept)
      expect(owners(true, current)).toEqual(condemned)
    }
    const other = owner('somebody', false)
    expect(owners(false, [other])).toEqual(['somebody', ...kept])
  })

  it('keeps its hands off a claim that somebody else controls', () => {
    const current = [owner('somebody')]
    expect(claimOwners(setWith('Delete', 'Delete'), pod, true, current)).toBe(current)
  })

  it('returns the list itself when it is right', () => {
    const set = setWith('Delete', 'Retain')
    const right = [...claimOwners(set, pod, false, [])]
    expect(claimOwners(set, pod, false, right)).toBe(right)
  })
})

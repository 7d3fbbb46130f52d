import type { OwnerReference } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { judge, type OwnersState, type Verdict } from './verdict.js'

const owner = (uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'K', name: uid, uid })
const none = { any: false, anyDeletingItsOwn: false }

interface Case {
  readonly rule: string
  readonly solid?: string[]
  readonly dangling?: string[]
  readonly waiting?: string[]
  readonly finalizers?: string[]
  readonly dependents?: { any: boolean; anyDeletingItsOwn: boolean }
  readonly is: Verdict
}

const deleted = (
  propagation: 'Background' | 'Foreground' | 'Orphan',
  unblock = false,
): Verdict => ({
  action: 'delete',
  propagation,
  unblock,
})

describe('judge', () => {
  it.each<Case>([
    { rule: 'nobody was ever its owner', is: { action: 'keep' } },
    { rule: 'all owners are there', solid: ['a', 'b'], is: { action: 'keep' } },
    {
      rule: 'one of several is left',
      solid: ['a'],
      dangling: ['b'],
      waiting: ['c'],
      is: { action: 'dropOwners', uids: new Set(['b', 'c']) },
    },
    { rule: 'the last one is gone', dangling: ['a'], is: deleted('Background') },
    {
      rule: 'a wish to orphan stays',
      dangling: ['a'],
      finalizers: ['orphan'],
      is: deleted('Orphan'),
    },
    {
      rule: 'the owner waits, and nobody depends on this',
      waiting: ['a'],
      is: deleted('Background'),
    },
    {
      rule: 'the owner waits, and so must this',
      waiting: ['a'],
      dependents: { any: true, anyDeletingItsOwn: false },
      is: deleted('Foreground'),
    },
    {
      rule: 'a circle is cut',
      waiting: ['a'],
      dependents: { any: true, anyDeletingItsOwn: true },
      is: deleted('Foreground', true),
    },
  ])('$rule', ({ solid = [], dangling = [], waiting = [], finalizers = [], dependents, is }) => {
    const state: OwnersState = {
      solid: solid.map(owner),
      dangling: dangling.map(owner),
      waiting: waiting.map(owner),
    }
    expect(judge({ metadata: { finalizers } }, state, dependents ?? none)).toEqual(is)
  })
})

import { formatTime } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { deletionConditions, type Progress } from './conditions.js'

const NOW = 1_700_000_000_000

const summary = (progress: Progress) =>
  deletionConditions([], progress, NOW).map(
    ({ status, reason, message }) => `${status} ${reason}: ${message}`,
  )

describe('deletionConditions', () => {
  it('name what is left, and what holds it', () => {
    const progress = {
      remaining: [
        {
          resource: { group: '', resource: 'pods' },
          count: 2,
          finalizers: ['example.com/a', 'example.com/a'],
        },
        { resource: { group: 'apps', resource: 'deployments' }, count: 1, finalizers: [] },
        { resource: { group: '', resource: 'secrets' }, count: 0, finalizers: [] },
      ],
      errors: [],
    }
    expect(summary(progress)).toEqual([
      'False ResourcesDiscovered: All resources successfully discovered',
      'False ParsedGroupVersions: All legacy kube types successfully parsed',
      'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
      'True SomeResourcesRemain: Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances',
      'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/a in 2 resource instances',
    ])
  })

  it('say when all is gone', () => {
    expect(summary({ remaining: [], errors: [] }).slice(3)).toEqual([
      'False ContentRemoved: All content successfully removed',
      'False ContentHasNoFinalizers: All content-preserving finalizers finished',
    ])
  })

  it('say what failed', () => {
    expect(summary({ remaining: [], errors: [new Error('boom')] })[2]).toBe(
      'True ContentDeletionFailed: Failed to delete all resource types, 0 remaining: boom',
    )
  })

  it('keep the time since when', () => {
    const empty = { remaining: [], errors: [] }
    const before = deletionConditions([], empty, NOW)
    const after = deletionConditions(before, empty, NOW + 5000)
    expect(after).toEqual(before)
    expect(after[0]?.lastTransitionTime).toBe(formatTime(NOW))
  })
})

import type { APIService } from '@miniplane/api'
import { expect, it } from 'vitest'
import { contextWith, faultsOf } from '../strategy.suite.js'
import { apiServicesStrategy } from './api-services.js'

it('an APIService is named after its version and group, and so is what its name begins with', () => {
  const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
  const metadata = { name: 'v1.a.b', generateName: 'v1.' }
  expect(faultsOf(apiServicesStrategy, { metadata, spec })).toEqual([
    'metadata.generateName: Invalid value: "v1.": must be `spec.version+"."+spec.group`: "v1.a.b"',
  ])
})

it.each([
  [{}, 'Local'],
  [{ service: { name: 's', namespace: 'n' } }, undefined],
])('an APIService with %j is available as it is made: %s', (spec, reason) => {
  const draft = { metadata: {}, spec, status: {} } as APIService
  apiServicesStrategy.prepareForCreate?.(draft, contextWith())
  expect(draft.status?.conditions?.[0]?.reason).toBe(reason)
})

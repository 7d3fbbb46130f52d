import { expect, it } from 'vitest'
import { faultsOf } from '../strategy.suite.js'
import { apiServicesStrategy } from './api-services.js'

it('an APIService is named after its version and group, and so is what its name begins with', () => {
  const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 }
  const metadata = { name: 'v1.a.b', generateName: 'v1.' }
  expect(faultsOf(apiServicesStrategy, { metadata, spec })).toEqual([
    'metadata.generateName: Invalid value: "v1.": must be `spec.version+"."+spec.group`: "v1.a.b"',
  ])
})

import { expect, it } from 'vitest'
import { metadataObject } from './partial-metadata.js'

const generation = 'deprecated.daemonset.template.generation'

it.each([
  ['DaemonSet', { [generation]: '1' }, undefined],
  ['DaemonSet', { [generation]: '1', a: 'b' }, { a: 'b' }],
  ['Deployment', { [generation]: '1' }, { [generation]: '1' }],
])('the metadata of a %s with %j has %j', (kind, annotations, expected) => {
  const object = { kind, apiVersion: 'apps/v1', metadata: { name: 'x', annotations } }
  expect(metadataObject(object, 'v1').metadata).toEqual({
    name: 'x',
    ...(expected && { annotations: expected }),
  })
})

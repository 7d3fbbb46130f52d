import { builtinResources, type FieldError, type KubeObject } from '@miniplane/api'
import { expect, it } from 'vitest'
import { dnsSubdomainName } from '../validation/names.js'
import { changedMetadataErrors, newMetadataErrors } from './metadata-rules.js'

const STORED: KubeObject = {
  metadata: { name: 'x', namespace: 'ns', uid: 'u', resourceVersion: '5' },
}
const WRONG: KubeObject = {
  metadata: {
    ...STORED.metadata,
    labels: { 'a b': '' },
    annotations: { 'c d': '' },
    finalizers: ['x'],
  },
}

function definitionOf(name: string) {
  const [group = '', resource] = name.includes('/') ? name.split('/') : ['', name]
  const found = builtinResources().find((one) => one.group === group && one.resource === resource)
  if (!found) throw new Error(`no ${name}`)
  return found
}

/** A letter a fault: of labels, annotations and finalizers. */
const letters = (errors: readonly FieldError[]): string =>
  errors.map(({ field }) => field.slice('metadata.'.length, 'metadata.'.length + 1)).join('')

it.each([
  ['apps/deployments', 'lalalaf', 'lalalaf'],
  ['configmaps', 'lalalaflaf', 'lalalaf'],
  ['policy/poddisruptionbudgets', 'lala', 'lala'],
  ['batch/cronjobs', 'lalalaf', 'lala'],
  ['coordination.k8s.io/leases', 'lalala', 'lalalaf'],
  ['events', 'lala', 'lalalaf'],
])('%s names faults of an update as %s, through a subresource as %s', (name, own, through) => {
  const definition = definitionOf(name)
  expect(letters(changedMetadataErrors(definition, WRONG, STORED, false))).toBe(own)
  expect(letters(changedMetadataErrors(definition, WRONG, STORED, true))).toBe(through)
})

it('what changed and may not is named at each comparison', () => {
  const moved = { metadata: { ...STORED.metadata, uid: 'v' } }
  const errors = changedMetadataErrors(definitionOf('configmaps'), moved, STORED, false)
  expect(errors.map(({ field }) => field)).toEqual(['metadata.uid', 'metadata.uid'])
})

it.each([
  ['configmaps', 2],
  ['discovery.k8s.io/endpointslices', 1],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', 1],
  ['networking.k8s.io/servicecidrs', 2],
])('%s name a changed uid %i times', (name, times) => {
  const moved = { metadata: { ...STORED.metadata, uid: 'v' } }
  const errors = changedMetadataErrors(definitionOf(name), moved, STORED, false)
  expect(errors.filter(({ field }) => field === 'metadata.uid')).toHaveLength(times)
})

it.each([
  ['configmaps', 1],
  ['apps/deployments', 0],
])('a prefix that is none of %s is refused by those who look at it: %i', (name, times) => {
  const prefixed = { metadata: { ...STORED.metadata, generateName: 'G!' } }
  const errors = changedMetadataErrors(
    definitionOf(name),
    prefixed,
    STORED,
    false,
    dnsSubdomainName,
  )
  expect(errors.map(({ field }) => field)).toEqual(Array(times).fill('metadata.generateName'))
})

it('runtime classes have no namespace, and are looked at twice', () => {
  const definition = definitionOf('node.k8s.io/runtimeclasses')
  const { namespace: _, ...stored } = STORED.metadata
  const wrong = { metadata: { ...WRONG.metadata } }
  delete wrong.metadata.namespace
  expect(letters(changedMetadataErrors(definition, wrong, { metadata: stored }, false))).toBe(
    'lalalala',
  )
})

it.each([
  ['configmaps', 'laf'],
  ['coordination.k8s.io/leases', 'la'],
])('new %s name each fault once: %s', (name, expected) => {
  expect(letters(newMetadataErrors(definitionOf(name), WRONG, dnsSubdomainName))).toBe(expected)
})

import { describe, expect, it } from 'vitest'
import { dnsSubdomainName, pathSegmentName } from './names.js'
import {
  validateFinalizerOwners,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './object-meta.js'

const text = (errors: { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message}`)

it('a finalizer stands for a domain or is one of the standard ones', () => {
  expect(text(validateFinalizerOwners({ finalizers: ['a/b', 'orphan', 'x'] }))).toEqual([
    'metadata.finalizers[2]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

describe('metadata is refused for', () => {
  it.each([
    ['no name', {}, ['metadata.name: Required value: name or generateName is required']],
    [
      'an owner without a name',
      { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: '', uid: 'u' }] },
      ['metadata.ownerReferences.name: Invalid value: "": must not be empty'],
    ],
    [
      'too many annotations',
      { name: 'a', annotations: { a: 'x'.repeat(262_144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
  ])('%s', (_what, meta, faults) => {
    expect(text(validateObjectMeta({ namespace: 'n', ...meta }, true, dnsSubdomainName))).toEqual(
      faults,
    )
  })
})

it('a generateName may end with a dash, a name may not', () => {
  expect(dnsSubdomainName('web-', true)).toEqual([])
  expect(dnsSubdomainName('web-', false)).toHaveLength(1)
})

it('names of roles are anything but a piece of a path', () => {
  expect(pathSegmentName('system:node', false)).toEqual([])
  expect(pathSegmentName('a/b', false)).toEqual(["may not contain '/'"])
})

it('a terminating object gets no new finalizers', () => {
  const stored = {
    name: 'a',
    resourceVersion: '1',
    deletionTimestamp: '2024-01-01T00:00:00Z',
    finalizers: ['x/a'],
  }
  const draft = { ...stored, finalizers: ['x/a', 'x/b'] }
  expect(text(validateObjectMetaUpdate(draft, stored))).toEqual([
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x/b"}',
  ])
})

import type { KubeObject, Pod } from '@miniplane/api'
import { expect, it } from 'vitest'
import type { SubresourceContext } from '../strategy.js'
import { contextWith } from '../strategy.suite.js'
import { podBinding } from './pod-subresources.js'

const stored = (spec: Partial<Pod['spec']> = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '7' },
    spec: { containers: [], ...spec },
    status: {},
  }) as Pod

/** Binds `pod` to node n; returns the node it has then. */
async function bound(pod: Pod, metadata: object, target: object = { name: 'n' }) {
  const draft = structuredClone(pod)
  const context = {
    ...contextWith(),
    guaranteedUpdate: async (_name: string, change: (draft: Pod, stored: Pod) => void) => {
      change(draft, pod)
      return draft
    },
  } as unknown as SubresourceContext<Pod>
  await podBinding.create?.({ metadata, target } as unknown as KubeObject, 'p', context)
  return draft.spec.nodeName
}

it('gives a Pod its node', async () => {
  expect(await bound(stored(), { uid: 'u', resourceVersion: '7' })).toBe('n')
})

it('asks nothing of the name of a node', async () => {
  expect(await bound(stored(), {}, { name: 'N_' })).toBe('N_')
  await expect(bound(stored(), {}, { kind: 'Pod' })).rejects.toThrow(
    '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
  )
})

it.each<[string, Pod, object, string]>([
  [
    'another Pod of that name',
    stored(),
    { uid: 'x' },
    'pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: u',
  ],
  [
    'a Pod that has changed',
    stored(),
    { resourceVersion: '1' },
    'pods "p": StorageError: invalid object, Code: 4, Key: /registry/pods/default/p, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: 7',
  ],
  [
    'a Pod that has a node',
    stored({ nodeName: 'm' }),
    {},
    'pods/binding "p": pod p is already assigned to node "m"',
  ],
  [
    'a Pod that waits at a gate',
    stored({ schedulingGates: [{ name: 'g' }] }),
    {},
    'pods/binding "p": pod p has non-empty .spec.schedulingGates',
  ],
])('not %s', async (_what, pod, metadata, message) => {
  const refusal = `Operation cannot be fulfilled on ${message}`
  await expect(bound(pod, metadata)).rejects.toThrow(refusal)
})

import type { Container, Pod } from '@miniplane/api'
import { expect, it } from 'vitest'
import { pods } from '../core/pods.js'
import { validateResize } from './pod-resize.js'

const container = (name: string, more: object = {}) =>
  ({ name, image: 'i', resources: { requests: { cpu: '1' } }, ...more }) as Container
function podOf(containers: Container[], initContainers: Container[]): Pod {
  const pod = {
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers, initContainers },
    status: { qosClass: 'Burstable' },
  } as Pod
  pods.setDefaults?.(pod)
  return pod
}
const more = { resources: { requests: { cpu: '2' } } }
const restarts = { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }
const other = { resources: { requests: { cpu: '1', 'ephemeral-storage': '1' } } }
const claims = { resources: { requests: { cpu: '1' }, claims: [{ name: 'x' }] } }
const ONLY = 'only cpu and memory resources'
const UNKNOWN_CLAIM =
  'spec.containers[0].resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty'

it.each<[string, object, object, object, string[]]>([
  ['more for a container', {}, more, {}, []],
  ['more for an init container', {}, {}, more, []],
  ['other resources of a container', {}, other, {}, [`spec: Forbidden: ${ONLY} are mutable`]],
  [
    'other resources of an init container',
    {},
    {},
    other,
    [`spec.initContainers[0]: Forbidden: ${ONLY} for init or sidecar containers are mutable`],
  ],
  [
    'more for an init container that would start again',
    restarts,
    {},
    { ...more, ...restarts },
    [
      'spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: "RestartContainer": must not be set to \'RestartContainer\' for non-sidecar initContainers',
      'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
    ],
  ],
  ['claims, which count for nothing', {}, claims, {}, [UNKNOWN_CLAIM]],
])('a resize to %s', (_what, before, changed, changedInit, faults) => {
  const stored = podOf([container('c')], [container('i', before)])
  const draft = podOf([container('c', changed)], [container('i', changedInit)])
  const errors = validateResize(draft, stored)
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(faults)
})

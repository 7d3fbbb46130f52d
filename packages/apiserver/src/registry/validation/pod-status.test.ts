import type { Pod, PodSpec, PodStatus } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { validatePodStatus } from './pod-status.js'

const pod = (status: Partial<PodStatus>, spec: Partial<PodSpec> = {}): Pod =>
  ({ metadata: { name: 'p' }, spec: { containers: [], ...spec }, status }) as unknown as Pod
const faultsOf = (draft: Pod, stored = draft) =>
  validatePodStatus(draft, stored).map(({ field, message }) => `${field}: ${message}`)
const ran = (state: object, linux?: object) =>
  [{ name: 'c', state, ...(linux && { user: { linux } }) }] as unknown as NonNullable<
    PodStatus['containerStatuses']
  >

describe('the status of a Pod', () => {
  it('speaks of the claims that the Pod made, once each', () => {
    const resourceClaimStatuses = [
      { name: 'other' },
      { name: 'a', resourceClaimName: 'a-1' },
      { name: 'a' },
    ]
    const draft = pod({ resourceClaimStatuses }, { resourceClaims: [{ name: 'a' }] })
    expect(faultsOf(draft)).toEqual([
      'status.resourceClaimStatuses[0].name: Invalid value: "other": must match the name of an entry in `spec.resourceClaims`',
      'status.resourceClaimStatuses[2].name: Duplicate value: "a"',
    ])
  })

  it('names users there can be', () => {
    const user = { uid: -1, gid: 0, supplementalGroups: [1, 2 ** 31] }
    expect(faultsOf(pod({ containerStatuses: ran({}, user) }))).toEqual([
      'status.containerStatuses[0].linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'status.containerStatuses[0].linux.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    ])
    const windows = pod({ containerStatuses: ran({}, user) }, { os: { name: 'windows' } })
    expect(faultsOf(windows)).toEqual([
      'status.containerStatuses[0].linux: Forbidden: cannot be set for a windows pod',
    ])
  })

  it('brings nothing back that ended for good', () => {
    const never = { restartPolicy: 'Never' }
    const ended = pod({ containerStatuses: ran({ terminated: { exitCode: 1 } }) }, never)
    const running = { containerStatuses: ran({ running: {} }) }
    expect(faultsOf(pod(running, never), ended)).toEqual([
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ])
  })
})

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
      { name: 'a', resourceClaimName: 'A' },
    ]
    const draft = pod({ resourceClaimStatuses }, { resourceClaims: [{ name: 'a' }] })
    expect(faultsOf(draft)).toEqual([
      'status.resourceClaimStatuses[0].name: Invalid value: "other": must match the name of an entry in `spec.resourceClaims`',
      'status.resourceClaimStatuses[2].name: Duplicate value: "a"',
      expect.stringMatching(
        /^status.resourceClaimStatuses\[2\].resourceClaimName: Invalid value: "A"/,
      ),
    ])
  })

  it('names users there can be', () => {
    const user = { uid: -1, gid: 0, supplementalGroups: [1, 2 ** 31] }
    expect(faultsOf(pod({ containerStatuses: ran({}, user) }))).toEqual([
      'status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
      'status.containerStatuses[0].user.linux.supplementalGroups[1]: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive',
    ])
    const windows = pod({ containerStatuses: ran({}, user) }, { os: { name: 'windows' } })
    expect(faultsOf(windows)).toEqual([
      'status.containerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod',
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

  it('speaks of devices that a container asked for', () => {
    const resources = [{ resourceID: 'x', health: 'Healthy' }, { resourceID: 'x' }]
    const containerStatuses = ran({}).map((one) => ({
      ...one,
      allocatedResourcesStatus: [{ name: 'claim:b' }, { name: 'a.b/c', resources }],
    }))
    const containers = [{ name: 'c', resources: { claims: [{ name: 'b', request: 'r' }] } }]
    const draft = pod({ containerStatuses }, { containers } as Partial<PodSpec>)
    const at = 'status.containerStatuses[0].allocatedResourcesStatus'
    expect(faultsOf(draft)).toEqual([
      `${at}[0].name: Invalid value: "claim:b": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
      `${at}[1].name: Invalid value: "a.b/c": must match one of the container's resource requests`,
      `${at}[1].resources[1].health: Unsupported value: "": supported values: "Healthy", "Unhealthy", "Unknown"`,
      `${at}[1].resources[1].resourceID: Duplicate value: "x"`,
    ])
  })

  it('maps what was claimed for extended resources to containers', () => {
    const requestMappings = [{ containerName: 'z', resourceName: 'a.b/c', requestName: 'r' }]
    const of = (mappings: typeof requestMappings) =>
      pod({ extendedResourceClaimStatus: { resourceClaimName: '', requestMappings: mappings } })
    const at = 'status.extendedResourceClaimStatus'
    expect(faultsOf(of(requestMappings))).toEqual([
      `${at}.requestMappings[0].containerName: Invalid value: "z": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
      `${at}.resourceClaimName: Required value`,
    ])
    expect(faultsOf(of([]))).toEqual([
      `${at}.requestMappings: Required value: at least one request mapping is required`,
      `${at}.resourceClaimName: Required value`,
    ])
  })
})

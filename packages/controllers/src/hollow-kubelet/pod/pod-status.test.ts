import { type Pod, seededRandom } from '@miniplane/api'
import { expect, test } from 'vitest'
import { advance } from './advance.js'
import { podRun } from './pod-run.js'
import { ownStatus, podStatus } from './pod-status.js'

const START_MS = Date.parse('2026-01-01T00:00:00Z')

const pod: Pod = {
  metadata: { name: 'red', namespace: 'default', uid: 'u', generation: 1 },
  spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'img:0', resources: {} }] },
  status: { phase: 'Pending' },
}

const begin = (given: Pod) => {
  const run = podRun({ pod: given, podIP: '10.244.0.2', hostIP: '172.18.0.2', nowMs: START_MS })
  advance(run, START_MS, seededRandom(1))
  return run
}

const conditionsOf = (given: Pod) =>
  podStatus(begin(given), {}, START_MS).conditions?.map(({ type, status, reason, message }) =>
    [type, status, reason, message].filter((word) => word !== undefined).join(' '),
  )

test('a running Pod in full, as a kubelet 1.36 reports it', () => {
  const time = '2026-01-01T00:00:00Z'
  const isTrue = {
    status: 'True',
    observedGeneration: 1,
    lastProbeTime: null,
    lastTransitionTime: time,
  }
  expect(podStatus(begin(pod), {}, START_MS)).toEqual({
    observedGeneration: 1,
    phase: 'Running',
    conditions: [
      { type: 'PodReadyToStartContainers', ...isTrue },
      { type: 'Initialized', ...isTrue },
      { type: 'Ready', ...isTrue },
      { type: 'ContainersReady', ...isTrue },
    ],
    hostIP: '172.18.0.2',
    hostIPs: [{ ip: '172.18.0.2' }],
    podIP: '10.244.0.2',
    podIPs: [{ ip: '10.244.0.2' }],
    startTime: time,
    containerStatuses: [
      {
        name: 'main',
        state: { running: { startedAt: time } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: 'img:0',
        imageID: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
        started: true,
      },
    ],
  })
})

test('a condition keeps its time until its status changes', () => {
  const run = begin(pod)
  const told = podStatus(run, {}, START_MS)
  expect(podStatus(run, told, START_MS + 60_000)).toEqual(told)
})

test('a readiness gate holds Ready back, but not ContainersReady', () => {
  const gated = { ...pod, spec: { ...pod.spec, readinessGates: [{ conditionType: 'a.b/go' }] } }
  expect(conditionsOf(gated)?.slice(2)).toEqual([
    'Ready False ReadinessGatesNotReady corresponding condition of pod readiness gate "a.b/go" does not exist.',
    'ContainersReady True',
  ])
  const no = { type: 'a.b/go', status: 'False' }
  expect(conditionsOf({ ...gated, status: { conditions: [no] } })?.[2]).toBe(
    'Ready False ReadinessGatesNotReady the status of pod readiness gate "a.b/go" is not "True", but False',
  )
  expect(conditionsOf({ ...gated, status: { conditions: [{ ...no, status: 'True' }] } })?.[2]).toBe(
    'Ready True',
  )
})

test('conditions name the containers that are not ready', () => {
  const metadata = { ...pod.metadata, annotations: { 'miniplane/ready': 'false' } }
  expect(conditionsOf({ ...pod, metadata })).toEqual([
    'PodReadyToStartContainers True',
    'Initialized True',
    'Ready False ContainersNotReady containers with unready status: [main]',
    'ContainersReady False ContainersNotReady containers with unready status: [main]',
  ])
})

test('a kubelet that was away takes up where the status left off', () => {
  const told = podStatus(begin(pod), {}, START_MS)
  const again = begin({ ...pod, status: { ...told, qosClass: 'BestEffort' } })
  expect(podStatus(again, ownStatus(again.pod.status), START_MS + 3_600_000)).toEqual(told)
})

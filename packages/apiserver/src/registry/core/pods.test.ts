import type { Container, Pod, PodSpec } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { pods } from './pods.js'

const container = (extra: Partial<Container> = {}): Container =>
  ({ name: 'c', image: 'nginx:1', resources: {}, ...extra }) as Container
const pod = (spec: Partial<PodSpec> = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'default' },
    spec: { containers: [container()], ...spec },
    status: {},
  }) as Pod

describe('a Pod is given', () => {
  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.25', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
    ['nginx@sha256:00', 'IfNotPresent'],
  ])('a pull policy by its image: %s → %s', (image, policy) => {
    const draft = pod({ containers: [container({ image })] })
    pods.setDefaults?.(draft)
    expect(draft.spec.containers[0]?.imagePullPolicy).toBe(policy)
  })

  it('requests equal to its limits, where it has none', () => {
    const limits = { cpu: '1', memory: '1Gi' }
    const draft = pod({
      containers: [container({ resources: { limits, requests: { cpu: '1m' } } })],
    })
    pods.setDefaults?.(draft)
    expect(draft.spec.containers[0]?.resources.requests).toEqual({ cpu: '1m', memory: '1Gi' })
  })

  it('the same again when defaulted twice', () => {
    const draft = pod({
      hostNetwork: true,
      containers: [container({ ports: [{ containerPort: 80 }] })],
    })
    pods.setDefaults?.(draft)
    const once = structuredClone(draft)
    pods.setDefaults?.(draft)
    expect(draft).toEqual(once)
  })

  it('a class of service and, while gated, a condition that says so', () => {
    const draft = pod({ schedulingGates: [{ name: 'g' }] })
    pods.setDefaults?.(draft)
    pods.prepareForCreate?.(draft, contextWith())
    expect(draft.status.qosClass).toBe('BestEffort')
    expect(draft.status.conditions?.[0]).toMatchObject({
      type: 'PodScheduled',
      reason: 'SchedulingGated',
    })
  })
})

describe('a Pod is refused for', () => {
  const containerFaults: [string, Partial<Container>, string[]][] = [
    ['no name', { name: '' }, ['spec.containers[0].name: Required value']],
    ['no image', { image: '' }, ['spec.containers[0].image: Required value']],
    [
      'an unknown protocol',
      { ports: [{ containerPort: 1, protocol: 'tcp' }] },
      [
        'spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
    [
      'a probe without a handler',
      { livenessProbe: {} },
      ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
    ],
    [
      'two handlers',
      { readinessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } },
      [
        'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      ],
    ],
    [
      'a variable with a value from nowhere',
      { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      [
        'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
      ],
    ],
    [
      'a request above its limit',
      { resources: { limits: { memory: '1Gi' }, requests: { memory: '1025Mi' } } },
      [
        'spec.containers[0].resources.requests: Invalid value: "1025Mi": must be less than or equal to memory limit of 1Gi',
      ],
    ],
    [
      'an unlimited device',
      { resources: { requests: { 'example.com/x': '1' } } },
      [
        'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
      ],
    ],
    [
      'a mount of nothing',
      { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
  ]
  it.each(containerFaults)('%s', (_what, extra, faults) => {
    expect(faultsOf(pods, pod({ containers: [container(extra)] }))).toEqual(faults)
  })

  const specFaults: [string, Partial<PodSpec>, string[]][] = [
    ['no containers', { containers: [] }, ['spec.containers: Required value']],
    [
      'an unknown restart policy',
      { restartPolicy: 'Maybe' },
      [
        'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      'a toleration of everything that is not Exists',
      { tolerations: [{ operator: 'Equal' }] },
      [
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'two sources of one volume',
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }] },
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a node while it is gated',
      { nodeName: 'n', schedulingGates: [{ name: 'g' }] },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
    [
      'a host port that is not its own on the network of the host',
      {
        hostNetwork: true,
        containers: [container({ ports: [{ containerPort: 1, hostPort: 2 }] })],
      },
      [
        'spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true',
      ],
    ],
  ]
  it.each(specFaults)('%s', (_what, spec, faults) => {
    expect(faultsOf(pods, pod(spec))).toEqual(faults)
  })
})

describe('an update of a Pod', () => {
  it('may change an image', () => {
    const changed = pod({ containers: [container({ image: 'nginx:2' })] })
    expect(updateFaultsOf(pods, changed, pod())).toEqual([])
  })

  it('may not add a container', () => {
    const changed = pod({ containers: [container(), container({ name: 'd' })] })
    const fault = 'spec.containers: Forbidden: pod updates may not add or remove containers'
    expect(updateFaultsOf(pods, changed, pod())).toEqual([fault])
  })

  it('shows the difference in the internal form when it changes anything else', () => {
    const [fault] = updateFaultsOf(pods, pod({ restartPolicy: 'Never' }), pod())
    expect(fault?.split('\n')).toEqual([
      expect.stringContaining('spec: Forbidden: pod updates may not change fields other than'),
      '@@ -35,7 +35,7 @@',
      '   }',
      '  ],',
      '  "EphemeralContainers": null,',
      '- "RestartPolicy": "Always",',
      '+ "RestartPolicy": "Never",',
      '  "TerminationGracePeriodSeconds": 30,',
      '  "ActiveDeadlineSeconds": null,',
      '  "DNSPolicy": "ClusterFirst",',
      '',
    ])
  })

  it('may only shorten the deadline', () => {
    const [longer, none] = [pod({ activeDeadlineSeconds: 60 }), pod()]
    const stored = pod({ activeDeadlineSeconds: 50 })
    expect(updateFaultsOf(pods, longer, stored)).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 60: must be less than or equal to previous value',
    ])
    expect(updateFaultsOf(pods, none, stored)).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ])
  })
})

describe('the grace of a deleted Pod', () => {
  it.each([
    ['runs nowhere yet', pod(), undefined, 0],
    ['runs', pod({ nodeName: 'n', terminationGracePeriodSeconds: 30 }), undefined, 30],
    ['runs and is asked to hurry', pod({ nodeName: 'n' }), 5, 5],
    ['runs, with a negative period', pod({ nodeName: 'n' }), -1, 1],
  ])('%s', (_what, stored, requested, seconds) => {
    expect(pods.gracePeriodSeconds?.(stored, requested)).toBe(seconds)
  })
})

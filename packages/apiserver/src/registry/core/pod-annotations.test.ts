import type { Container, Pod, PodSpec } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { deployments } from '../apps/deployments.js'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { pods } from './pods.js'

const container = (extra: Partial<Container> = {}): Container =>
  ({ name: 'c', image: 'nginx:1', resources: {}, ...extra }) as Container
const pod = (annotations: Record<string, string>, spec: Partial<PodSpec> = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'default', annotations },
    spec: { containers: [container()], ...spec },
    status: {},
  }) as Pod

const AT = 'metadata.annotations'
const MIRROR = 'kubernetes.io/config.mirror'
const COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const ARMOR = 'container.apparmor.security.beta.kubernetes.io/'

describe('annotations of a Pod', () => {
  it.each([
    [
      MIRROR,
      'x',
      `${AT}[${MIRROR}]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`,
    ],
    [COST, '+1', `${AT}[${COST}]: Invalid value: "+1": must be a 32bit integer`],
    [COST, '2147483648', `${AT}[${COST}]: Invalid value: "2147483648": must be a 32bit integer`],
    [COST, '01', `${AT}[${COST}]: Invalid value: "01": must be a 32bit integer`],
    [SECCOMP, 'bad', `${AT}.${SECCOMP}: Invalid value: "bad": must be a valid seccomp profile`],
    [SECCOMP, 'localhost/../x', `${AT}.${SECCOMP}: Invalid value: "../x": must not contain '..'`],
    [`${ARMOR}d`, 'unconfined', `${AT}[${ARMOR}d]: Invalid value: "d": container not found`],
    [`${ARMOR}c`, 'x', `${AT}[${ARMOR}c]: Invalid value: "x": invalid AppArmor profile name: "x"`],
    [
      'scheduler.alpha.kubernetes.io/tolerations',
      '[{"operator":"Exists","value":"x"}]',
      `${AT}.scheduler.alpha.kubernetes.io/tolerations[0].operator: Invalid value: "x": value must be empty when \`operator\` is 'Exists'`,
    ],
  ])('%s: %s', (key, value, fault) => {
    expect(faultsOf(pods, pod({ [key]: value }))).toEqual([fault])
  })

  it.each(['0', '-5', '2147483647'])('a cost of deletion of %s is one', (cost) => {
    expect(faultsOf(pods, pod({ [COST]: cost }))).toEqual([])
  })

  it('a template has the same, at a path without metadata', () => {
    const template = { metadata: { labels: { a: 'b' }, annotations: { [COST]: 'x' } } }
    const object = {
      metadata: { name: 'd', namespace: 'default' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { ...template, spec: { containers: [container()] } },
      },
    }
    expect(faultsOf(deployments, object)).toEqual([
      `spec.template.annotations[${COST}]: Invalid value: "x": must be a 32bit integer`,
    ])
  })

  it('say what the fields say', () => {
    const both = pod(
      { [SECCOMP]: 'localhost/x', [`${ARMOR}c`]: 'unconfined' },
      {
        securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'y' } },
        containers: [
          container({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }),
        ],
      },
    )
    expect(faultsOf(pods, both)).toEqual([
      'spec.securityContext.seccompProfile.localhostProfile: Forbidden: seccomp profile in annotation and field must match',
      'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match',
    ])
  })

  it('that a node has read stay', () => {
    const stored = pod({ [`${ARMOR}c`]: 'unconfined' })
    expect(updateFaultsOf(pods, pod({ [`${ARMOR}c`]: 'runtime/default' }), stored)).toEqual([
      `${AT}[${ARMOR}c]: Forbidden: may not remove or update AppArmor annotations`,
    ])
    const mirrored = pod({ [MIRROR]: 'x' }, { nodeName: 'n' })
    expect(updateFaultsOf(pods, mirrored, pod({}, { nodeName: 'n' }))).toEqual([
      `${AT}[${MIRROR}]: Forbidden: may not add mirror pod annotation`,
    ])
  })
})

describe('AppArmor profiles', () => {
  const prepared = (draft: Pod) => {
    const warnings: string[] = []
    pods.setDefaults?.(draft)
    pods.prepareForCreate?.(draft, { ...contextWith(), warn: (text) => warnings.push(text) })
    const [first] = draft.spec.containers
    return {
      annotation: draft.metadata.annotations?.[`${ARMOR}c`],
      profile: first?.securityContext?.appArmorProfile,
      warnings: warnings.length,
    }
  }

  it('become fields, and who wrote the annotation is told', () => {
    expect(prepared(pod({ [`${ARMOR}c`]: 'localhost/p' }))).toEqual({
      annotation: 'localhost/p',
      profile: { type: 'Localhost', localhostProfile: 'p' },
      warnings: 1,
    })
  })

  it('of the Pod are not copied to annotations', () => {
    const whole = { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }
    expect(prepared(pod({}, whole))).toEqual({
      annotation: undefined,
      profile: undefined,
      warnings: 0,
    })
  })
})

it('fields of features that are off are dropped', () => {
  const draft = pod(
    {},
    {
      schedulingGroup: {},
      containers: [container({ lifecycle: { stopSignal: 'SIGTERM' } })],
      volumes: [
        { name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 'x' } }] } },
      ] as NonNullable<PodSpec['volumes']>,
    },
  )
  pods.prepareForCreate?.(draft, contextWith())
  expect(draft.spec).toEqual({
    containers: [container()],
    volumes: [{ name: 'v', projected: { sources: [{}] } }],
  })
})

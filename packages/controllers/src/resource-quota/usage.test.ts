import type { KubeObject, Pod, ResourceQuota } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { concerns, usedOf } from './usage.js'

const kinds = {
  pods: { group: '', resource: 'pods' },
  configmaps: { group: '', resource: 'configmaps' },
  services: { group: '', resource: 'services' },
  claims: { group: '', resource: 'persistentvolumeclaims' },
  deployments: { group: 'apps', resource: 'deployments' },
}

const quota = (hard: Record<string, string>, scopes?: string[]): ResourceQuota => ({
  metadata: { name: 'q' },
  spec: { hard, ...(scopes ? { scopes } : {}) },
  status: {},
})

const pod = (
  resources: NonNullable<Pod['spec']['containers'][number]['resources']>,
  more: Partial<Pod['spec']> = {},
  phase = 'Running',
): Pod & KubeObject => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'main', resources }], ...more },
  status: { phase },
})

describe('usedOf', () => {
  it('adds up what is limited, and says 0 of what is not there', () => {
    const hard = { pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/configmaps': '3' }
    const half = pod({ requests: { cpu: '500m' }, limits: { memory: '512Mi' } })
    expect(
      usedOf(quota(hard), [
        { kind: kinds.pods, object: half },
        { kind: kinds.pods, object: half },
        { kind: kinds.configmaps, object: { metadata: {} } },
      ]),
    ).toEqual({ pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/configmaps': '1' })
    expect(usedOf(quota(hard), [])).toEqual({
      pods: '0',
      'requests.cpu': '0',
      'limits.memory': '0',
      'count/configmaps': '0',
    })
  })

  it('counts an ended Pod as an object only', () => {
    const ended = pod({ requests: { cpu: '1' } }, {}, 'Succeeded')
    const hard = { pods: '2', 'count/pods': '2', cpu: '1' }
    expect(usedOf(quota(hard), [{ kind: kinds.pods, object: ended }])).toEqual({
      pods: '0',
      'count/pods': '1',
      cpu: '0',
    })
  })

  it('counts node ports, load balancers and storage by class', () => {
    const service = { metadata: {}, spec: { type: 'NodePort', ports: [{}, {}] } }
    const claim = {
      metadata: {},
      spec: { storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } },
    }
    const hard = {
      services: '9',
      'services.nodeports': '9',
      'services.loadbalancers': '9',
      'requests.storage': '9Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '9Gi',
    }
    const objects = [
      { kind: kinds.services, object: service },
      { kind: kinds.claims, object: claim },
    ]
    expect(usedOf(quota(hard), objects)).toEqual({
      services: '1',
      'services.nodeports': '2',
      'services.loadbalancers': '0',
      'requests.storage': '5Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '5Gi',
    })
  })

  it.each<[string, number]>([
    ['BestEffort', 1],
    ['NotBestEffort', 1],
    ['Terminating', 1],
    ['NotTerminating', 1],
  ])('counts only Pods in the scope %s', (scope, is) => {
    const objects = [pod({}, { activeDeadlineSeconds: 5 }), pod({ requests: { cpu: '1' } })]
    const found = usedOf(
      quota({ pods: '9' }, [scope]),
      objects.map((object) => ({ kind: kinds.pods, object })),
    )
    expect(found).toEqual({ pods: String(is) })
  })
})

describe('concerns', () => {
  it('knows which kinds a quota limits', () => {
    expect(concerns(quota({ 'requests.cpu': '1' }), kinds.pods)).toBe(true)
    expect(concerns(quota({ 'count/deployments.apps': '1' }), kinds.deployments)).toBe(true)
    expect(concerns(quota({ 'count/deployments.apps': '1' }), kinds.pods)).toBe(false)
    expect(concerns(quota({ configmaps: '1' }), kinds.configmaps)).toBe(true)
    expect(concerns(quota({ configmaps: '1' }), kinds.pods)).toBe(false)
  })
})

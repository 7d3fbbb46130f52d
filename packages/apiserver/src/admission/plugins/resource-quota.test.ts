import { builtinResources, type KubeObject, type ResourceQuota } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith } from '../../registry/strategy.suite.js'
import type { AdmissionOperation } from '../admission.js'
import { resourceQuota } from './resource-quota.js'

type Amounts = Record<string, string>
type Held = ResourceQuota & KubeObject & { at: string }

const quota = (hard: Amounts, used: Amounts | undefined, scopes: string[] = [], name = 'q'): Held =>
  ({
    at: '/resourcequotas',
    metadata: { name },
    spec: { hard, scopes },
    status: used ? { hard, used } : {},
  }) as Held

const pod = (requests: Amounts = {}, spec: object = {}): KubeObject => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', resources: { requests } }], ...spec },
  status: {},
})
const service = (type: string, ports: number): KubeObject => ({
  metadata: { name: 'p' },
  spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })) },
})

async function ask(
  resource: string,
  object: KubeObject,
  quotas: readonly Held[],
  operation: AdmissionOperation = 'CREATE',
  oldObject?: KubeObject,
): Promise<string> {
  const definition = builtinResources().find((one) => one.resource === resource)
  if (!definition) throw new Error(`there is no resource ${resource}`)
  if (!resourceQuota.handles(operation, definition, '')) return 'not asked'
  try {
    await resourceQuota.validate?.({
      operation,
      definition,
      subresource: '',
      namespace: 'default',
      name: 'p',
      object,
      oldObject,
      options: {},
      context: contextWith(quotas),
      warn() {},
    })
    return 'allowed'
  } catch (error) {
    return (error as Error).message
  }
}

describe('ResourceQuota', () => {
  it('charges every quota that counts the object', async () => {
    const one = quota({ pods: '2', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '600m' })
    const other = quota({ 'count/pods': '9' }, { 'count/pods': '3' }, [], 'other')
    expect(await ask('pods', pod({ cpu: '400m' }), [one, other])).toBe('allowed')
    expect(one.status.used).toEqual({ pods: '2', 'requests.cpu': '1' })
    expect(other.status.used).toEqual({ 'count/pods': '4' })
  })

  it('charges none when one refuses', async () => {
    const roomy = quota({ pods: '9' }, { pods: '0' }, [], 'a')
    const full = quota({ pods: '1', cpu: '1' }, { pods: '1', cpu: '200m' }, [], 'b')
    expect(await ask('pods', pod({ cpu: '900m' }), [roomy, full])).toBe(
      'pods "p" is forbidden: exceeded quota: b, requested: cpu=900m,pods=1, used: cpu=200m,pods=1, limited: cpu=1,pods=1',
    )
    expect(roomy.status.used).toEqual({ pods: '0' })
  })

  it.each([
    ['has not been counted at all', quota({ pods: '0' }, undefined), 'allowed'],
    [
      'has been counted in part',
      quota({ pods: '1', 'count/pods': '1' }, { pods: '0' }),
      'pods "p" is forbidden: status unknown for quota: q, resources: count/pods,pods',
    ],
    [
      'limits what the containers do not state',
      quota({ 'limits.memory': '1Gi', cpu: '1' }, { 'limits.memory': '0', cpu: '0' }),
      'pods "p" is forbidden: failed quota: q: must specify cpu for: c; limits.memory for: c',
    ],
    ['is about others', quota({ pods: '0' }, { pods: '0' }, ['Terminating']), 'allowed'],
    ['limits other kinds', quota({ configmaps: '0' }, { configmaps: '0' }), 'allowed'],
  ])('a Pod under a quota that %s', async (_, held, answer) => {
    expect(await ask('pods', pod(), [held])).toBe(answer)
  })

  it('charges a change for what it adds, and credits nothing', async () => {
    const held = quota({ 'services.nodeports': '3' }, { 'services.nodeports': '1' })
    const asked = (ports: number) =>
      ask('services', service('NodePort', ports), [held], 'UPDATE', service('NodePort', 1))
    expect(await asked(3)).toBe('allowed')
    expect(held.status.used).toEqual({ 'services.nodeports': '3' })
    expect(await asked(2)).toBe(
      'services "p" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=3, limited: services.nodeports=3',
    )
    expect(
      await ask('services', service('ClusterIP', 1), [held], 'UPDATE', service('NodePort', 1)),
    ).toBe('allowed')
    expect(held.status.used).toEqual({ 'services.nodeports': '3' })
  })

  it('counts every namespaced kind but Events', async () => {
    const held = quota({ 'count/deployments.apps': '0' }, { 'count/deployments.apps': '0' })
    const object = { metadata: { name: 'p' } }
    expect(await ask('deployments', object, [held])).toContain('exceeded quota')
    expect(await ask('events', object, [held])).toBe('not asked')
    expect(await ask('namespaces', object, [held])).toBe('not asked')
  })
})

import {
  type KubeObject,
  Ledger,
  ManualClock,
  type PodDisruptionBudget,
  seededRandom,
} from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { describe, expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runControllers } from '../manager/start-controllers.js'
import { disruptionController } from './controller.js'

const BUDGETS = '/apis/policy/v1/poddisruptionbudgets'

/** What comes of a budget of one Pod at most, over a Pod of that owner. */
async function outcome(owner: object | undefined) {
  const api = new FakeApi()
  const jobs = { name: 'jobs', kind: 'Job', namespaced: true, verbs: ['list', 'watch'] }
  const discovery: Record<string, object> = {
    '/api': { versions: [] },
    '/apis': { groups: [{ name: 'batch', versions: [{ version: 'v1' }] }] },
    '/apis/batch/v1': { resources: [jobs] },
  }
  api.intercept = ({ path }) => {
    const object = discovery[path]
    return object && { status: 200, headers: {}, object, text: () => JSON.stringify(object) }
  }
  const ledger = new Ledger()
  const running = runControllers([disruptionController], {
    transport: () => api,
    clock: new ManualClock(),
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  const create = (path: string, body: object) => api.request({ method: 'POST', path, body })
  const settle = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      await ledger.idle()
    }
  }
  const metadata = {
    name: 'one',
    namespace: 'default',
    labels: { app: 'web' },
    ...(owner && { ownerReferences: [{ controller: true, uid: 'u', name: 'o', ...owner }] }),
  }
  await settle()
  await create('/api/v1/namespaces/default/pods', { metadata, spec: {}, status: {} })
  await create('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    metadata: { name: 'web', namespace: 'default', generation: 1 },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
    status: {},
  })
  await settle()
  await running.stop()
  const [budget] = api.objects<PodDisruptionBudget & KubeObject>(BUDGETS)
  const events = api.objects<KubeObject & { reason: string; message: string }>('/api/v1/events')
  const [condition] = budget?.status.conditions ?? []
  return {
    condition: `${condition?.reason}: ${condition?.message}`,
    event: `${events[0]?.reason}: ${events[0]?.message}`,
  }
}

describe('a budget that is a share', () => {
  it('cannot be counted over Pods of what has no scale', async () => {
    expect(await outcome({ apiVersion: 'batch/v1', kind: 'Job' })).toEqual({
      condition: 'SyncFailed: jobs.batch does not implement the scale subresource',
      event:
        'CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: jobs.batch does not implement the scale subresource',
    })
  })

  it('cannot be counted over Pods whose owner is gone', async () => {
    const { condition } = await outcome({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })
    expect(condition).toBe('SyncFailed: found no controllers for pod "one"')
  })

  it('warns of Pods that nobody controls', async () => {
    const { condition, event } = await outcome(undefined)
    expect(condition).toBe('InsufficientPods: ')
    expect(event).toMatch(
      /^UnmanagedPods: Pods selected by this PodDisruptionBudget \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: web,\},MatchExpressions:\[\]LabelSelectorRequirement\{\},\}\) were found to be unmanaged\./,
    )
  })
})

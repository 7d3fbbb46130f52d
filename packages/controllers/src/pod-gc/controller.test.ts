import { type KubeObject, Ledger, ManualClock, seededRandom } from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { describe, expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runControllers } from '../manager/start-controllers.js'
import { podGarbageCollector } from './controller.js'

/** Names of the Pods that are left after two minutes, of one that runs and one that is to stop. */
async function leftOn(node: object | undefined): Promise<(string | undefined)[]> {
  const api = new FakeApi()
  const ledger = new Ledger()
  const clock = new ManualClock()
  const create = (path: string, body: object) => api.request({ method: 'POST', path, body })
  const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }
  for (const [name, marks] of Object.entries({ runs: {}, leaves: deletion })) {
    await create('/api/v1/namespaces/default/pods', {
      metadata: { name, namespace: 'default', ...marks },
      spec: { nodeName: 'n', containers: [] },
      status: { phase: 'Running' },
    })
  }
  if (node) await create('/api/v1/nodes', node)
  const running = runControllers([podGarbageCollector], {
    transport: () => api,
    clock,
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    await ledger.idle()
    clock.advance(30_000)
  }
  await running.stop()
  return api.objects<KubeObject>('/api/v1/pods').map(({ metadata }) => metadata.name)
}

describe('Pods of a node', () => {
  const node = (ready: string, ...keys: string[]) => ({
    metadata: { name: 'n' },
    spec: { taints: keys.map((key) => ({ key, effect: 'NoExecute' })) },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  })
  const outOfService = 'node.kubernetes.io/out-of-service'

  it.each([
    ['that works', node('True'), ['runs', 'leaves']],
    ['that is silent', node('Unknown'), ['runs', 'leaves']],
    ['that is out of service', node('Unknown', outOfService), ['runs']],
    [
      'that is said to be out of service, and answers',
      node('True', outOfService),
      ['runs', 'leaves'],
    ],
    ['that is gone', undefined, []],
  ])('%s', async (_, node, left) => {
    expect(await leftOn(node)).toEqual(left)
  })
})

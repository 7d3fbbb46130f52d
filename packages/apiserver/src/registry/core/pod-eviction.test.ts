import type { ApiResponse, KubeObject, Status } from '@miniplane/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestOf, startServer } from '../../server.fixture.js'
import type { ApiServer } from '../../server.js'

const NAMESPACE = '/api/v1/namespaces/default'
const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'

let server: ApiServer
let close: () => Promise<void>

beforeEach(async () => {
  ;({ server, close } = await startServer({ disableAdmissionPlugins: ['ServiceAccount'] }))
})
afterEach(() => close())

async function ask(method: string, path: string, object?: unknown): Promise<ApiResponse> {
  const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}
  return server.handle(
    requestOf(method, path, { headers, ...(object !== undefined && { body: { object } }) }),
  )
}
const objectOf = <T>({ body }: ApiResponse): T =>
  (body.kind === 'object' ? body.object : undefined) as T

async function runningPod(name: string, isReady = true): Promise<void> {
  const containers = [{ name: 'c', image: 'i' }]
  const metadata = { name, labels: { app: 'a' } }
  await ask('POST', `${NAMESPACE}/pods`, { metadata, spec: { nodeName: 'n', containers } })
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }]
  await ask('PATCH', `${NAMESPACE}/pods/${name}/status`, {
    status: { phase: 'Running', conditions },
  })
}

async function budget(status: object, spec: object = {}): Promise<void> {
  const selector = { matchLabels: { app: 'a' } }
  await ask('POST', BUDGETS, {
    metadata: { name: 'b' },
    spec: { minAvailable: 1, selector, ...spec },
  })
  await ask('PATCH', `${BUDGETS}/b/status`, { status: { observedGeneration: 1, ...status } })
}

const evict = (name: string, deleteOptions?: object) =>
  ask('POST', `${NAMESPACE}/pods/${name}/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name },
    ...(deleteOptions && { deleteOptions }),
  })

interface Budget extends KubeObject {
  status: { disruptionsAllowed: number; disruptedPods?: object; conditions?: object[] }
}
const statusOfBudget = async () => objectOf<Budget>(await ask('GET', `${BUDGETS}/b`)).status

describe('eviction', () => {
  it.each([
    ['policy/v1beta1', 201],
    ['policy/v2', 400],
    ['extensions/v1beta1', 400],
  ])('of %s: %d', async (apiVersion, status) => {
    await runningPod('p')
    const body = { apiVersion, kind: 'Eviction', metadata: { name: 'p' } }
    const answer = await ask('POST', `${NAMESPACE}/pods/p/eviction`, body)
    expect(answer.status).toBe(status)
    if (status === 201) return
    const [, version] = apiVersion.split('/')
    expect(objectOf<Status>(answer).message).toBe(
      `Eviction in version "${version}" cannot be handled as a Eviction: no kind "Eviction" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    )
  })

  it('takes one disruption each from the budget, however many ask at once', async () => {
    const names = ['p0', 'p1', 'p2', 'p3']
    for (const name of names) await runningPod(name)
    await budget({ disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4 })
    const codes = (await Promise.all(names.map((name) => evict(name)))).map(({ status }) => status)
    expect(codes.sort()).toEqual([201, 201, 429, 429])
    const status = await statusOfBudget()
    expect(status.disruptionsAllowed).toBe(0)
    expect(Object.keys(status.disruptedPods ?? {})).toHaveLength(2)
    expect(status.conditions).toMatchObject([
      { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' },
    ])
  })

  it('takes nothing in a dry run, and still says no', async () => {
    await runningPod('p')
    await budget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 })
    expect((await evict('p', { dryRun: ['All'] })).status).toBe(201)
    expect(await statusOfBudget()).toMatchObject({ disruptionsAllowed: 1 })
    expect((await ask('GET', `${NAMESPACE}/pods/p`)).status).toBe(200)
    await ask('PATCH', `${BUDGETS}/b/status`, { status: { disruptionsAllowed: 0 } })
    expect((await evict('p', { dryRun: ['All'] })).status).toBe(429)
  })

  it('lets what is not ready go when enough others are healthy, and takes nothing for it', async () => {
    await runningPod('sick', false)
    await budget({ disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 3 })
    expect((await evict('sick')).status).toBe(201)
    expect(await statusOfBudget()).toMatchObject({ disruptionsAllowed: 0 })
  })

  it.each([
    [
      { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2 },
      'The disruption budget b needs 2 healthy pods and has 1 currently',
    ],
    [
      { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 2 },
      'The disruption budget b does not allow evicting pods currently',
    ],
    [
      {
        disruptionsAllowed: 0,
        conditions: [
          {
            type: 'DisruptionAllowed',
            status: 'False',
            lastTransitionTime: '2026-01-01T00:00:00Z',
            reason: 'SyncFailed',
            message: 'no scale',
          },
        ],
      },
      'The disruption budget b does not allow evicting pods currently because it failed sync: no scale',
    ],
    [
      { observedGeneration: 0, disruptionsAllowed: 1 },
      'The disruption budget b is still being processed by the server.',
    ],
  ])('says why not: %j', async (status, message) => {
    await runningPod('p')
    await budget(status)
    const refused = await evict('p')
    expect(refused.status).toBe(429)
    expect(objectOf<Status>(refused).details?.causes).toEqual([
      { reason: 'DisruptionBudget', message },
    ])
  })
})

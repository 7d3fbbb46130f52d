import { type KubeObject, ManualClock } from '@miniplane/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { requestOf, startServer } from '../server.fixture.js'
import type { ApiServer } from '../server.js'

const FLOWS = '/apis/flowcontrol.apiserver.k8s.io/v1'
const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}
type Conditioned = KubeObject & { readonly status?: { readonly conditions?: Condition[] } }

const clock = new ManualClock()
let server: ApiServer
let close: () => Promise<void>

beforeEach(async () => {
  ;({ server, close } = await startServer({ clock }))
})
afterEach(() => close())

async function ask(method: string, path: string, body?: object): Promise<Conditioned> {
  const answer = await server.handle(requestOf(method, path, body && { body: { object: body } }))
  if (answer.body.kind !== 'object') throw new Error('no object')
  return answer.body.object as Conditioned
}

const told = async (path: string) => {
  const [{ status, reason, message } = {} as Condition] =
    (await ask('GET', path)).status?.conditions ?? []
  return `${status} ${reason} ${message}`
}

const schema = {
  metadata: { name: 's' },
  spec: { priorityLevelConfiguration: { name: 'mine' } },
}
const level = {
  metadata: { name: 'mine' },
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
}
const prefix = 'This FlowSchema references the PriorityLevelConfiguration object named "mine"'

it('a schema dangles as long as nobody has made its level', async () => {
  await ask('POST', `${FLOWS}/flowschemas`, schema)
  const dangles = `True NotFound ${prefix} but there is no such object`
  await expect.poll(() => told(`${FLOWS}/flowschemas/s`)).toBe(dangles)
  await ask('POST', `${FLOWS}/prioritylevelconfigurations`, level)
  const found = `False Found ${prefix} and it exists`
  await expect.poll(() => told(`${FLOWS}/flowschemas/s`)).toBe(found)
  const { metadata } = await ask('GET', `${FLOWS}/flowschemas/s`)
  expect(metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
    ['api-priority-and-fairness-config-consumer-v1', 'Apply'],
    ['test', 'Update'],
  ])
})

const remote = (port: number) => ({
  metadata: { name: 'v1.x.y' },
  spec: {
    ...{ group: 'x.y', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
    service: { namespace: 'default', name: 'api', port },
  },
})

it('an API is not available while nobody can serve it', async () => {
  await ask('POST', SERVICES, remote(443))
  const at = 'service/api in "default"'
  const says = (text: string) => expect.poll(() => told(`${SERVICES}/v1.x.y`)).toBe(text)
  await says(`False ServiceNotFound ${at} is not present`)
  const metadata = { name: 'api' }
  const ports = [{ port: 80 }]
  await ask('POST', '/api/v1/namespaces/default/services', { metadata, spec: { ports } })
  await says(`False ServicePortError ${at} is not listening on port 443`)
  const current = await ask('GET', `${SERVICES}/v1.x.y`)
  await ask('PUT', `${SERVICES}/v1.x.y`, { ...current, spec: remote(80).spec })
  await says(`False EndpointsNotFound cannot find endpointslices for ${at}`)
})

import { type ApiResponse, isStatusError, type Pod } from '@miniplane/api'
import { expect, it } from 'vitest'
import type { RequestContext } from '../pipeline/stage.js'
import { handleConnect } from './connect.js'
import type { Scope, Services } from './scope.js'

const container = (name: string) => ({ name, image: 'i' })
const pod = (spec: object, status: object = {}) =>
  ({ metadata: { name: 'p' }, spec: { containers: [container('c')], ...spec }, status }) as Pod

/** What the server says, a refusal by its message. */
async function said(object: Pod, subresource: string, query = ''): Promise<unknown> {
  const scope = {
    definition: { group: '', kind: 'Pod', resource: 'pods' },
    resource: { storage: { get: async () => ({ object }) } },
    namespace: 'default',
    name: 'p',
    subresource: { name: subresource },
  } as unknown as Scope
  const request = { query: new URLSearchParams(query) }
  try {
    const answer: ApiResponse = await handleConnect({} as Services, scope, {
      request,
    } as RequestContext)
    return answer.status
  } catch (error) {
    if (!isStatusError(error)) throw error
    return error.message
  }
}

const several = { containers: [container('a'), container('b')], nodeName: 'n' }
const state = (name: string, now: object, before: object = {}) => ({
  containerStatuses: [{ name, state: now, lastState: before }],
})
const waiting = { waiting: { reason: 'ContainerCreating' } }

it.each<[string, Pod, string, string, unknown]>([
  ['a Pod without a node', pod({}), 'log', '', 204],
  ['a Pod without a node', pod({}), 'exec', '', 'pod p does not have a host assigned'],
  ['a Pod with a node', pod({ nodeName: 'n' }), 'log', '', 200],
  [
    'several containers',
    pod(several),
    'log',
    '',
    'a container name must be specified for pod p, choose one of: [a b]',
  ],
  [
    'several containers and more before them',
    pod({ ...several, initContainers: [container('x')] }),
    'attach',
    '',
    'a container name must be specified for pod p, choose one of: [a b] or one of the init containers: [x]',
  ],
  ['one of them', pod({ ...several, initContainers: [container('x')] }), 'log', 'container=x', 200],
  ['another', pod(several), 'exec', 'container=x', 'container x is not valid for pod p'],
  [
    'a container that is not there yet',
    pod({ nodeName: 'n' }, state('c', waiting)),
    'log',
    '',
    'container "c" in pod "p" is waiting to start: ContainerCreating',
  ],
  [
    'a container that ran once',
    pod({ nodeName: 'n' }, state('c', { running: {} })),
    'log',
    'previous=true',
    'previous terminated container "c" in pod "p" not found',
  ],
  [
    'a container that ran twice',
    pod({ nodeName: 'n' }, state('c', waiting, { terminated: {} })),
    'log',
    'previous=true',
    200,
  ],
])('%s: %s %s', async (_what, object, subresource, query, answer) => {
  expect(await said(object, subresource, query)).toBe(answer)
})

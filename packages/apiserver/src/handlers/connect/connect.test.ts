import {
  type ApiResponse,
  isStatusError,
  ManualClock,
  type NodeConnection,
  NodeRefusal,
  type Pod,
} from '@miniplane/api'
import { expect, it } from 'vitest'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { handleConnect } from './connect.js'

const container = (name: string) => ({ name, image: 'i' })
const pod = (spec: object, status: object = {}) =>
  ({ metadata: { name: 'p' }, spec: { containers: [container('c')], ...spec }, status }) as Pod

const NODE = { status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] } }
const nodeNamed = async (_: unknown, name: string) =>
  name === 'n' || name === 'dark' ? { object: NODE } : undefined

/** A node on which every container has printed `hi` and every command can be run. */
const NODE_CONNECTION = {
  log: () =>
    async function* () {
      yield Buffer.from('hi')
    },
  exec: () => ({}),
  attach() {
    throw new NodeRefusal(500, 'container not found ("c")')
  },
} as unknown as NodeConnection

const services = {
  catalog: { byResource: () => ({}) },
  resources: { ready: async () => ({ storage: { get: nodeNamed } }) },
  authorizer: { authorize: () => ({ decision: 'allow' }) },
  dialNode: (name: string) => (name === 'n' ? NODE_CONNECTION : undefined),
  clock: new ManualClock(),
} as unknown as Services

const UPGRADE = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }

/** What the server says, a refusal by its message. */
async function said(
  object: Pod,
  subresource: string,
  query = '',
  headers: Readonly<Record<string, string>> = UPGRADE,
): Promise<unknown> {
  const scope = {
    definition: { group: '', kind: 'Pod', resource: 'pods' },
    resource: { storage: { get: async () => ({ object }) } },
    namespace: 'default',
    name: 'p',
    subresource: { name: subresource },
  } as unknown as Scope
  const request = { query: new URLSearchParams(query), headers }
  const info = { verb: 'get', resource: 'pods', subresource, name: 'p' }
  try {
    const context = { request, info } as unknown as RequestContext
    const answer: ApiResponse = await handleConnect(services, scope, context)
    const { body, status } = answer
    return body.kind === 'bytes' ? `${status} ${Buffer.from(body.bytes)}` : status
  } catch (error) {
    if (!isStatusError(error)) throw error
    return error.message
  }
}

const several = { containers: [container('a'), container('b')], nodeName: 'n' }
const onNode = pod({ nodeName: 'n' })

it.each<[string, Pod, string, string, unknown]>([
  ['a Pod without a node', pod({}), 'log', '', 204],
  ['a Pod without a node', pod({}), 'exec', '', 'pod p does not have a host assigned'],
  ['a Pod with a node', onNode, 'log', '', '200 hi'],
  ['a Pod with a node', onNode, 'exec', 'command=ls&stdout=true', 101],
  [
    'no stream',
    onNode,
    'exec',
    'command=ls',
    '400 you must specify at least 1 of stdin, stdout, stderr',
  ],
  ['a node that refuses', onNode, 'attach', 'stdout=1', '500 container not found ("c")'],
  [
    'a dark node',
    pod({ nodeName: 'dark' }),
    'log',
    '',
    'Get "https://172.18.0.2:10250/containerLogs/default/p/c": dial tcp 172.18.0.2:10250: connect: connection refused',
  ],
  [
    'a dark node',
    pod({ nodeName: 'dark' }),
    'portforward',
    '',
    'error dialing backend: dial tcp 172.18.0.2:10250: connect: connection refused',
  ],
  ['a node that is gone', pod({ nodeName: 'gone' }), 'log', '', 'nodes "gone" not found'],
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
    'a container name must be specified for pod p, choose one of: [x a b]',
  ],
  [
    'one of them',
    pod({ ...several, initContainers: [container('x')] }),
    'log',
    'container=x',
    '200 hi',
  ],
  ['another', pod(several), 'exec', 'container=x', 'container x is not valid for pod p'],
])('%s: %s %s', async (_what, object, subresource, query, answer) => {
  expect(await said(object, subresource, query)).toBe(answer)
})

it('who does not ask for an upgrade is told to', async () => {
  expect(await said(onNode, 'exec', 'command=ls&stdout=true', {})).toBe('Upgrade request required')
})

it('in v5, what the node says comes after the upgrade', async () => {
  const headers = { ...UPGRADE, 'sec-websocket-protocol': 'v5.channel.k8s.io' }
  expect(await said(onNode, 'attach', 'stdout=true', headers)).toBe(101)
})

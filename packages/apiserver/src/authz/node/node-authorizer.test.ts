import type { KubeObject } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { nodeRules } from '../../bootstrap/rbac/component-roles.js'
import type { AccessAttributes } from '../authorizer.js'
import { NodeAuthorizer } from './node-authorizer.js'
import type { GraphKind } from './node-graph.js'
import { NodeGraph } from './node-graph.js'

const NODE = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }

function access(text: string): AccessAttributes {
  const [verb = '', what = '', fieldSelector = ''] = text.split(' ')
  const [path = '', object = ''] = what.split(':')
  const [group = '', resource = '', subresource = ''] = path.split('/')
  const [namespace = '', name = ''] = object.includes('/') ? object.split('/') : ['', object]
  return {
    isResource: true,
    verb,
    path: '',
    group: group === 'core' ? '' : group,
    namespace,
    resource,
    subresource,
    name,
    fieldSelector,
  }
}

/** A graph in which n1 is related to the object `own` of every kind. */
const graph = {
  isRelated: (node: string, _kind: GraphKind, _namespace: string, name: string) =>
    node === 'n1' && name === 'own',
} as NodeGraph

const NO_PATH = "no relationship found between node 'n1' and this object"

describe('what a node may do', () => {
  const authorizer = new NodeAuthorizer(graph, nodeRules)
  test.each<[access: string, verdict: true | string | undefined]>([
    // Itself
    ['create core/nodes', true],
    ['get core/nodes:n1', true],
    ['get core/nodes:n2', "node 'n1' cannot read 'n2', only its own Node object"],
    ['list core/nodes', "node 'n1' cannot read all nodes, only its own Node object"],
    ['patch core/nodes/status:n1', true],
    ['delete core/nodes:n1', undefined],
    // Its Pods
    ['list core/pods spec.nodeName=n1', true],
    ['watch core/pods a=b,spec.nodeName==n1', true],
    [
      'list core/pods spec.nodeName=n2',
      'can only list/watch pods with spec.nodeName field selector',
    ],
    ['list core/pods', 'can only list/watch pods with spec.nodeName field selector'],
    ['get core/pods:ns/own', true],
    ['get core/pods:ns/other', NO_PATH],
    ['patch core/pods/status:ns/any', true],
    ['create core/pods/eviction:ns/any', true],
    ['create core/pods/exec:ns/any', undefined],
    // What its Pods need
    ['get core/secrets:ns/own', true],
    ['get core/secrets:ns/other', NO_PATH],
    ['list core/secrets:ns/', 'No Object name found'],
    ['list core/secrets', 'can only read namespaced object of this type'],
    ['update core/secrets:ns/own', 'can only read resources of this type'],
    ['watch core/configmaps:ns/own', true],
    ['get core/persistentvolumeclaims:ns/own', true],
    ['list core/persistentvolumeclaims:ns/own', 'can only get individual resources of this type'],
    ['patch core/persistentvolumeclaims/status:ns/own', true],
    ['get core/persistentvolumes:own', true],
    ['create core/serviceaccounts/token:ns/own', true],
    ['create core/serviceaccounts/token:ns/other', NO_PATH],
    ['create core/serviceaccounts:ns/', 'can only create tokens for individual service accounts'],
    // Objects with its name
    ['update coordination.k8s.io/leases:kube-node-lease/n1', true],
    [
      'update coordination.k8s.io/leases:kube-node-lease/n2',
      'can only access node lease with the same name as the requesting node',
    ],
    [
      'get coordination.k8s.io/leases:kube-system/n1',
      'can only access leases in the "kube-node-lease" system namespace',
    ],
    [
      'list coordination.k8s.io/leases:kube-node-lease/',
      'can only get, create, update, patch, or delete a node lease',
    ],
    ['patch storage.k8s.io/csinodes:n1', true],
    [
      'patch storage.k8s.io/csinodes:n2',
      'can only access CSINode with the same name as the requesting node',
    ],
    // The rest is by rules
    ['list core/services', true],
    ['delete core/services:ns/x', undefined],
    ['create authorization.k8s.io/subjectaccessreviews', true],
    ['list apps/deployments', undefined],
  ])('%s → %s', (text, verdict) => {
    const { decision, reason } = authorizer.authorize(NODE, access(text))
    expect(decision === 'allow' ? true : reason).toBe(verdict)
  })

  test('who is no node is none of its business', () => {
    const list = access('list core/services')
    for (const user of [
      { name: 'system:node:n1', groups: [] },
      { name: 'jane', groups: ['system:nodes'] },
    ])
      expect(authorizer.authorize(user, list)).toEqual({ decision: 'abstain' })
    expect(authorizer.authorize({ ...NODE, name: 'system:node:' }, list).reason).toBe(
      'unknown node for user "system:node:"',
    )
  })
})

describe('what a Pod leads its node to', () => {
  const pod = {
    metadata: { name: 'p', namespace: 'ns' },
    spec: {
      nodeName: 'n1',
      serviceAccountName: 'robot',
      imagePullSecrets: [{ name: 'pull' }],
      containers: [
        {
          name: 'c',
          env: [
            { name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } },
            { name: 'B', valueFrom: { configMapKeyRef: { name: 'map', key: 'k' } } },
          ],
          envFrom: [{ secretRef: { name: 'all' } }],
        },
      ],
      volumes: [
        { name: 's', secret: { secretName: 'vol' } },
        { name: 'p', projected: { sources: [{ configMap: { name: 'proj' } }] } },
        { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'e', ephemeral: {} },
        { name: 'csi', csi: { driver: 'd', nodePublishSecretRef: { name: 'csi' } } },
      ],
    },
    status: {},
  } as unknown as KubeObject
  const held: Record<string, KubeObject> = {
    'persistentvolumeclaims/ns/data': { spec: { volumeName: 'pv' } } as never,
    'persistentvolumes//pv': {
      spec: {
        claimRef: { namespace: 'ns', name: 'data' },
        csi: { nodeStageSecretRef: { name: 'stage', namespace: 'infra' } },
      },
    } as never,
    'volumeattachments//va': { spec: { nodeName: 'n1' } } as never,
  }
  const lister = {
    get: (_: string, resource: string, namespace = '', name: string) =>
      held[`${resource}/${namespace}/${name}`],
    list: () => [],
    getLatest: async () => undefined,
  }
  const cache = {
    watch(_: unknown, sink: { onEvents(events: object[]): void }) {
      sink.onEvents([{ type: 'ADDED', object: pod }])
      return () => {}
    },
  }
  const graph = new NodeGraph(lister, () => cache as never)

  test.each<[GraphKind, namespace: string, names: string[]]>([
    ['pods', 'ns', ['p']],
    ['secrets', 'ns', ['pull', 'env', 'all', 'vol', 'csi']],
    ['secrets', 'infra', ['stage']],
    ['configmaps', 'ns', ['map', 'proj']],
    ['persistentvolumeclaims', 'ns', ['data', 'p-e']],
    ['persistentvolumes', '', ['pv']],
    ['serviceaccounts', 'ns', ['robot']],
    ['volumeattachments', '', ['va']],
  ])('%s in %j: %j', (kind, namespace, names) => {
    for (const name of names) {
      expect(graph.isRelated('n1', kind, namespace, name), name).toBe(true)
      expect(graph.isRelated('n2', kind, namespace, name), name).toBe(false)
    }
    expect(graph.isRelated('n1', kind, namespace, 'other')).toBe(false)
    if (namespace) expect(graph.isRelated('n1', kind, 'elsewhere', names[0] ?? '')).toBe(false)
  })
})

import {
  builtinResources,
  type KubeObject,
  type PersistentVolumeClaim,
  type Pod,
  ResourceCatalog,
} from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { ABSTAIN, ALLOW, NO_RULES } from '../../authz/authorizer.js'
import { contextWith } from '../../registry/strategy.suite.js'
import type { AdmissionRequest } from '../admission.js'
import { defaultAdmissionPlugins } from '../all.js'
import { ADMISSION_CATALOGUE } from '../catalogue.js'

interface Asked {
  readonly resource: string
  readonly object?: object
  readonly oldObject?: object
  readonly operation?: AdmissionRequest['operation']
  readonly subresource?: string
  readonly user?: { readonly name: string; readonly groups: readonly string[] }
  readonly held?: readonly (object & { at: string })[]
  /** What everybody may do, as `verb resource`. */
  readonly rights?: readonly string[]
}

const catalog = new ResourceCatalog(builtinResources())
const NODE = { name: 'system:node:n', groups: ['system:nodes'] }

/** The refusal of a plugin that is off by default, or what it made of the object. */
async function ask(name: string, asked: Asked): Promise<KubeObject | string | undefined> {
  const definition = builtinResources().find(({ resource }) => resource === asked.resource)
  if (!definition) throw new Error(`there is no resource ${asked.resource}`)
  const rights = asked.rights ?? []
  const [plugin] = defaultAdmissionPlugins(
    {
      enabled: [name],
      disabled: ADMISSION_CATALOGUE.map((one) => one.name).filter((one) => one !== name),
    },
    {
      catalog,
      authorizer: {
        authorize: (_user, { verb, resource }) =>
          rights.includes(`${verb} ${resource}`) ? ALLOW : ABSTAIN,
        rulesFor: () => NO_RULES,
      },
    },
  )
  const { operation = 'CREATE', subresource = '' } = asked
  if (!plugin?.handles(operation, definition, subresource)) return 'does not handle that'
  const context = contextWith(asked.held as never)
  const request: AdmissionRequest = {
    operation,
    definition,
    subresource,
    namespace: definition.namespaced ? 'default' : undefined,
    name: (asked.object as KubeObject | undefined)?.metadata.name ?? 'p',
    object: asked.object as KubeObject | undefined,
    oldObject: asked.oldObject as KubeObject | undefined,
    options: {},
    context: { ...context, user: asked.user ?? context.user },
    warn() {},
  }
  try {
    await plugin.admit?.(request)
    await plugin.validate?.(request)
    return request.object
  } catch (error) {
    return (error as Error).message
  }
}

const pod = (spec: object = {}, metadata: object = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'c', image: 'i', resources: {} }], ...spec },
    status: {},
  }) as unknown as Pod
const home = (annotations: object) => ({
  at: '/namespaces',
  metadata: { name: 'default', annotations },
})
const claim = (storage: string, phase = 'Bound', storageClassName = 'c') =>
  ({
    metadata: { name: 'p', namespace: 'default' },
    spec: { storageClassName, resources: { requests: { storage } } },
    status: { phase },
  }) as unknown as PersistentVolumeClaim
const classOf = (allowVolumeExpansion: boolean) => ({
  at: 'storage.k8s.io/storageclasses',
  metadata: { name: 'c' },
  allowVolumeExpansion,
})

describe('a plugin changes', () => {
  it.each<[string, Asked, object]>([
    [
      'AlwaysPullImages',
      { resource: 'pods', object: pod() },
      { spec: { containers: [{ imagePullPolicy: 'Always' }] } },
    ],
    [
      'ExtendedResourceToleration',
      {
        resource: 'pods',
        object: pod({
          containers: [
            { name: 'c', resources: { requests: { 'example.com/gpu': '1', cpu: '1' } } },
          ],
        }),
      },
      { spec: { tolerations: [{ key: 'example.com/gpu', operator: 'Exists' }] } },
    ],
    [
      'PodNodeSelector',
      {
        resource: 'pods',
        object: pod({ nodeSelector: { a: 'b' } }),
        held: [home({ 'scheduler.alpha.kubernetes.io/node-selector': 'zone=x, disk=ssd' })],
      },
      { spec: { nodeSelector: { a: 'b', zone: 'x', disk: 'ssd' } } },
    ],
    [
      'PodTolerationRestriction',
      {
        resource: 'pods',
        object: pod(),
        held: [home({ 'scheduler.alpha.kubernetes.io/defaultTolerations': '[{"key":"k"}]' })],
      },
      { spec: { tolerations: [{ key: 'k' }] } },
    ],
    [
      'PodTopologyLabels',
      {
        resource: 'pods',
        subresource: 'binding',
        object: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } },
        held: [
          {
            at: '/nodes',
            metadata: { name: 'n', labels: { 'topology.kubernetes.io/zone': 'z', other: 'o' } },
          } as never,
        ],
      },
      { metadata: { labels: { 'topology.kubernetes.io/zone': 'z' } } },
    ],
  ])('%s', async (name, asked, made) => {
    expect(await ask(name, asked)).toMatchObject(made)
  })
})

describe('a plugin refuses', () => {
  const owned = pod(
    {},
    {
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'r',
          uid: 'u',
          blockOwnerDeletion: true,
        },
      ],
    },
  )
  const mirror = (extra: object = {}) =>
    pod(
      { nodeName: 'n', ...extra },
      {
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }],
      },
    )
  it.each<[string, Asked, RegExp | string | undefined]>([
    [
      'LimitPodHardAntiAffinityTopology',
      {
        resource: 'pods',
        object: pod({
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z' }],
            },
          },
        }),
      },
      /has TopologyKey z but only key kubernetes.io\/hostname is allowed$/,
    ],
    [
      'DenyServiceExternalIPs',
      { resource: 'services', object: { metadata: {}, spec: { externalIPs: ['1.2.3.4'] } } },
      /Use of external IPs is denied by admission control\.$/,
    ],
    ['NamespaceExists', { resource: 'pods', object: pod() }, 'namespaces "default" not found'],
    ['AlwaysDeny', { resource: 'pods', object: pod() }, /denying all modifications$/],
    [
      'PersistentVolumeClaimResize',
      {
        resource: 'persistentvolumeclaims',
        operation: 'UPDATE',
        object: claim('2Gi'),
        oldObject: claim('1Gi', 'Pending'),
      },
      /Only bound persistent volume claims can be expanded$/,
    ],
    [
      'PersistentVolumeClaimResize',
      {
        resource: 'persistentvolumeclaims',
        operation: 'UPDATE',
        object: claim('2Gi'),
        oldObject: claim('1Gi'),
        held: [classOf(false)],
      },
      /the storageclass that provisions the pvc must support resize$/,
    ],
    [
      'OwnerReferencesPermissionEnforcement',
      { resource: 'pods', object: owned },
      /cannot set an ownerRef on a resource you can't delete: $/,
    ],
    [
      'OwnerReferencesPermissionEnforcement',
      { resource: 'pods', object: owned, rights: ['delete pods'] },
      /refers to a resource you can't set finalizers on: $/,
    ],
    [
      'NodeRestriction',
      { resource: 'pods', object: pod(), user: NODE },
      /pod does not have "kubernetes.io\/config.mirror" annotation, node "n" can only create mirror pods$/,
    ],
    [
      'NodeRestriction',
      { resource: 'pods', object: mirror({ serviceAccountName: 's' }), user: NODE },
      /node "n" can not create pods that reference a service account$/,
    ],
    [
      'NodeRestriction',
      { resource: 'nodes', object: { metadata: { name: 'm' }, spec: {} }, user: NODE },
      /node "n" is not allowed to modify node "m"$/,
    ],
    [
      'NodeRestriction',
      {
        resource: 'nodes',
        operation: 'UPDATE',
        object: {
          metadata: { name: 'n', labels: { 'node-restriction.kubernetes.io/a': 'b' } },
          spec: {},
        },
        oldObject: { metadata: { name: 'n' }, spec: {} },
        user: NODE,
      },
      /node "n" is not allowed to modify labels: node-restriction.kubernetes.io\/a$/,
    ],
    [
      'NodeRestriction',
      { resource: 'leases', object: { metadata: { name: 'n' } }, user: NODE },
      /can only access leases in the "kube-node-lease" system namespace$/,
    ],
  ])('%s', async (name, asked, text) => {
    expect(await ask(name, asked)).toMatch(text as RegExp)
  })

  it.each<[string, Asked]>([
    ['NodeRestriction', { resource: 'pods', object: mirror(), user: NODE }],
    ['NodeRestriction', { resource: 'pods', object: pod() }],
    [
      'PersistentVolumeClaimResize',
      {
        resource: 'persistentvolumeclaims',
        operation: 'UPDATE',
        object: claim('2Gi'),
        oldObject: claim('1Gi'),
        held: [classOf(true)],
      },
    ],
    [
      'OwnerReferencesPermissionEnforcement',
      { resource: 'pods', object: owned, rights: ['delete pods', 'update replicasets'] },
    ],
  ])('%s nothing that is right', async (name, asked) => {
    expect(await ask(name, asked)).toEqual(asked.object)
  })
})

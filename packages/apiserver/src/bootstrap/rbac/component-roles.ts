import type { KubeObject, PolicyRule } from '@miniplane/api'
import { clusterRole, EVENTS, pathRule, READ, READ_WRITE, rule } from './notation.js'

const CERTIFICATES = 'certificates.k8s.io'
const STORAGE = 'storage.k8s.io'
const LEASES = 'coordination.k8s.io'
const DEVICES = 'resource.k8s.io'

const askingWhoIsThere = rule('create', 'authentication.k8s.io', 'tokenreviews')
const askingWhoMay = rule('create', 'authorization.k8s.io', 'subjectaccessreviews')
const requestingCertificates = rule(
  'create get list watch',
  CERTIFICATES,
  'certificatesigningrequests',
)

/** What every node needs; which objects of some kinds, the Node authorizer knows. */
export const nodeRules: readonly PolicyRule[] = [
  askingWhoIsThere,
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews localsubjectaccessreviews'),
  rule(READ, 'core', 'services'),
  rule(`create ${READ}`, 'core', 'nodes'),
  rule('patch update', 'core', 'nodes/status'),
  rule('patch update', 'core', 'nodes'),
  EVENTS,
  rule(READ, 'core', 'pods'),
  rule('create delete', 'core', 'pods'),
  rule('patch update', 'core', 'pods/status'),
  rule('create', 'core', 'pods/eviction'),
  rule(READ, 'core', 'secrets configmaps'),
  rule('get', 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('get', 'core', 'endpoints'),
  requestingCertificates,
  rule('create delete get patch update', LEASES, 'leases'),
  rule('get', STORAGE, 'volumeattachments'),
  rule('create', 'core', 'serviceaccounts/token'),
  rule('get patch update', 'core', 'persistentvolumeclaims/status'),
  rule(READ, STORAGE, 'csidrivers'),
  rule('create delete get patch update', STORAGE, 'csinodes'),
  rule(READ, 'node.k8s.io', 'runtimeclasses'),
  rule('get', DEVICES, 'resourceclaims'),
  rule('deletecollection', DEVICES, 'resourceslices'),
  rule('get', 'core', 'serviceaccounts'),
]

/** Roles of the components and of well-known additions. */
export const componentRoles = (): KubeObject[] => [
  clusterRole('system:heapster', [
    rule(READ, 'core', 'events pods nodes namespaces'),
    rule(READ, 'extensions', 'deployments'),
  ]),
  clusterRole('system:node', nodeRules),
  clusterRole('system:node-problem-detector', [
    rule('get', 'core', 'nodes'),
    rule('patch', 'core', 'nodes/status'),
    EVENTS,
  ]),
  clusterRole('system:kubelet-api-admin', [
    rule(READ, 'core', 'nodes'),
    rule('proxy', 'core', 'nodes'),
    rule('*', 'core', 'nodes/proxy nodes/metrics nodes/stats nodes/log'),
    rule('*', 'core', 'nodes/configz nodes/healthz nodes/pods'),
  ]),
  clusterRole('system:node-bootstrapper', [requestingCertificates]),
  clusterRole('system:auth-delegator', [askingWhoIsThere, askingWhoMay]),
  clusterRole('system:kube-aggregator', [rule(READ, 'core', 'services endpoints')]),
  clusterRole('system:kube-controller-manager', controllerManager),
  clusterRole('system:kube-dns', [rule('list watch', 'core', 'endpoints services')]),
  clusterRole('system:persistent-volume-provisioner', [
    rule('create delete get list watch', 'core', 'persistentvolumes'),
    rule('get list update watch', 'core', 'persistentvolumeclaims'),
    rule(READ, STORAGE, 'storageclasses'),
    rule('watch', 'core', 'events'),
    EVENTS,
  ]),
  clusterRole('system:volume-scheduler', [
    rule('get list patch update watch', 'core', 'persistentvolumes'),
    rule(READ, STORAGE, 'storageclasses'),
    rule('get list patch update watch', 'core', 'persistentvolumeclaims'),
  ]),
  clusterRole('system:node-proxier', [
    rule('list watch', 'core', 'services endpoints'),
    rule(READ, 'core', 'nodes'),
    EVENTS,
    rule('list watch', 'networking.k8s.io', 'servicecidrs'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ]),
  clusterRole('system:kube-scheduler', scheduler),
  clusterRole('system:service-account-issuer-discovery', [
    pathRule(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ]),
  ...certificateRoles(),
]

const controllerManager: readonly PolicyRule[] = [
  EVENTS,
  rule('create', LEASES, 'leases'),
  rule('get update', LEASES, 'leases', 'kube-controller-manager'),
  rule('create', 'core', 'secrets serviceaccounts'),
  rule('delete', 'core', 'secrets'),
  rule('get', 'core', 'namespaces secrets serviceaccounts configmaps'),
  rule('update', 'core', 'secrets serviceaccounts'),
  askingWhoIsThere,
  askingWhoMay,
  rule('list watch', '*', '*'),
  rule('create', 'core', 'serviceaccounts/token'),
]

const scheduler: readonly PolicyRule[] = [
  EVENTS,
  rule('create', LEASES, 'leases'),
  rule('get list update watch', LEASES, 'leases', 'kube-scheduler'),
  rule(READ_WRITE, LEASES, 'leasecandidates'),
  rule(READ, 'core', 'nodes'),
  rule(`delete ${READ}`, 'core', 'pods'),
  rule('create', 'core', 'pods/binding bindings'),
  rule('patch update', 'core', 'pods/status'),
  rule(READ, 'core', 'services replicationcontrollers'),
  rule(READ, 'apps extensions', 'replicasets'),
  rule(READ, 'apps', 'statefulsets'),
  rule(READ, 'policy', 'poddisruptionbudgets'),
  rule(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
  askingWhoIsThere,
  askingWhoMay,
  rule(READ, STORAGE, 'csinodes'),
  rule(READ, STORAGE, 'volumeattachments'),
  rule(READ, 'core', 'namespaces'),
  rule(READ, STORAGE, 'csidrivers'),
  rule(READ, STORAGE, 'csistoragecapacities'),
  rule(READ, DEVICES, 'deviceclasses'),
  rule(`${READ} patch update`, DEVICES, 'resourceclaims'),
  rule(`${READ} patch update`, DEVICES, 'resourceclaims/status'),
  rule('update', 'core', 'pods/finalizers'),
  rule(READ, DEVICES, 'resourceslices'),
  rule('create delete', DEVICES, 'resourceclaims'),
  rule('patch update', DEVICES, 'resourceclaims/binding'),
]

/** Who may ask for which certificate to be approved without a person, and who may approve. */
function certificateRoles(): KubeObject[] {
  const named = (name: string, rules: readonly PolicyRule[]) =>
    clusterRole(`system:certificates.k8s.io:${name}`, rules)
  const asking = (kind: string) =>
    named(`certificatesigningrequests:${kind}`, [
      rule('create', CERTIFICATES, `certificatesigningrequests/${kind}`),
    ])
  const approving = (signer: string) =>
    named(`${signer}-approver`, [
      rule('approve', CERTIFICATES, 'signers', `kubernetes.io/${signer}`),
    ])
  return [
    asking('nodeclient'),
    asking('selfnodeclient'),
    approving('legacy-unknown'),
    approving('kubelet-serving'),
    approving('kube-apiserver-client'),
    approving('kube-apiserver-client-kubelet'),
  ]
}

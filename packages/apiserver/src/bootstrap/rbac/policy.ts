import type { KubeObject } from '@miniplane/api'
import { componentRoles } from './component-roles.js'
import { controllerRules } from './controller-roles.js'
import {
  account,
  clusterRole,
  clusterRoleBinding,
  EVENTS,
  group,
  READ,
  role,
  roleBinding,
  rule,
  user,
} from './notation.js'
import { userRoles } from './user-roles.js'

const SYSTEM = 'kube-system'
const PUBLIC = 'kube-public'
const MANAGER = 'system:kube-controller-manager'
const SCHEDULER = 'system:kube-scheduler'
const AUTHENTICATED = group('system:authenticated')
const UNAUTHENTICATED = group('system:unauthenticated')

/**
 * The roles and bindings that a server keeps: those of the components, of its controllers, and the
 * ones to give to people. Source: RBAC's reference, "Default roles and role bindings".
 */
export const rbacPolicy = (): KubeObject[] => [
  ...userRoles(),
  ...componentRoles(),
  ...controllerRoles(),
  ...bindings(),
  ...namespacedRoles(),
  ...namespacedBindings(),
]

const controllerRoles = (): KubeObject[] =>
  Object.entries(controllerRules).map(([name, rules]) =>
    clusterRole(`system:controller:${name}`, rules),
  )

const bindings = (): KubeObject[] => [
  clusterRoleBinding('cluster-admin', 'cluster-admin', [group('system:masters')]),
  ...[
    ['system:monitoring', group('system:monitoring')],
    ['system:discovery', AUTHENTICATED],
    ['system:basic-user', AUTHENTICATED],
    ['system:public-info-viewer', AUTHENTICATED, UNAUTHENTICATED],
    ['system:node-proxier', user('system:kube-proxy')],
    ['system:kube-controller-manager', user(MANAGER)],
    ['system:kube-dns', account('kube-dns')],
    ['system:kube-scheduler', user(SCHEDULER)],
    ['system:volume-scheduler', user(SCHEDULER)],
    // Nobody: the Node authorizer knows which objects each node needs.
    ['system:node'],
    ['system:service-account-issuer-discovery', group('system:serviceaccounts')],
  ].map(([name, ...subjects]) =>
    clusterRoleBinding(name as string, name as string, subjects as ReturnType<typeof group>[]),
  ),
  ...Object.keys(controllerRules).map((name) => {
    const full = `system:controller:${name}`
    return clusterRoleBinding(full, full, [account(name)])
  }),
]

const leading = [
  rule('create get list update watch', 'coordination.k8s.io', 'leases'),
  rule('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
]

const namespacedRoles = (): KubeObject[] => [
  role(SYSTEM, 'extension-apiserver-authentication-reader', [
    rule(READ, 'core', 'configmaps', 'extension-apiserver-authentication'),
  ]),
  role(SYSTEM, 'system:controller:bootstrap-signer', [rule(READ, 'core', 'secrets')]),
  role(SYSTEM, 'system:controller:cloud-provider', [rule(`create ${READ}`, 'core', 'configmaps')]),
  role(SYSTEM, 'system:controller:token-cleaner', [
    rule(`delete ${READ}`, 'core', 'secrets'),
    EVENTS,
  ]),
  role(SYSTEM, 'system::leader-locking-kube-controller-manager', leading),
  role(SYSTEM, 'system::leader-locking-kube-scheduler', leading),
  role(PUBLIC, 'system:controller:bootstrap-signer', [
    rule(READ, 'core', 'configmaps'),
    rule('update', 'core', 'configmaps', 'cluster-info'),
    EVENTS,
  ]),
]

function namespacedBindings(): KubeObject[] {
  const ofController = (namespace: string, name: string) => {
    const full = `system:controller:${name}`
    return roleBinding(namespace, full, full, [account(name)])
  }
  const leader = (component: string, ...others: string[]) => {
    const name = `system::leader-locking-${component}`
    const accounts = [component, ...others].map((one) => account(one))
    return roleBinding(SYSTEM, name, name, [user(`system:${component}`), ...accounts])
  }
  return [
    roleBinding(
      SYSTEM,
      'system::extension-apiserver-authentication-reader',
      'extension-apiserver-authentication-reader',
      [user(MANAGER), user(SCHEDULER)],
    ),
    leader('kube-controller-manager', 'leader-election-controller'),
    leader('kube-scheduler'),
    ofController(SYSTEM, 'bootstrap-signer'),
    ofController(SYSTEM, 'cloud-provider'),
    ofController(SYSTEM, 'token-cleaner'),
    ofController(PUBLIC, 'bootstrap-signer'),
  ]
}

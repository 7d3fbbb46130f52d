import type { GroupResource } from '@miniplane/api'

/** In front of every key of a server that is told nothing else. */
export const DEFAULT_ETCD_PREFIX = '/registry'

/** Resources whose prefix in etcd is not their name, for reasons that only history knows. */
const SPECIAL_PREFIXES: Readonly<Record<string, string>> = {
  '/replicationcontrollers': 'controllers',
  '/endpoints': 'services/endpoints',
  '/nodes': 'minions',
  '/services': 'services/specs',
  'networking.k8s.io/ingresses': 'ingress',
}

/** Groups of servers of their own in the real process: their keys carry the group. */
const GROUPS_IN_KEY = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

/**
 * `/registry/deployments/`, `/registry/services/specs/`, …: what stands in front of an object's
 * namespace and name. `isCustom` is true for resources that a definition added: their group is
 * always part of the key.
 */
export function storagePrefix(
  { group, resource }: GroupResource,
  isCustom = false,
  etcdPrefix = DEFAULT_ETCD_PREFIX,
): string {
  const special = SPECIAL_PREFIXES[`${group}/${resource}`]
  if (special) return `${etcdPrefix}/${special}/`
  if (isCustom || GROUPS_IN_KEY.has(group)) return `${etcdPrefix}/${group}/${resource}/`
  return `${etcdPrefix}/${resource}/`
}

/** The part of a key after the prefix: `default/web`, or `node-1` for cluster-scoped objects. */
export const keyTail = (namespace: string | undefined, name: string): string =>
  namespace ? `${namespace}/${name}` : name

/** The first key after every key with this prefix; prefixes here end with `/`. */
export const prefixEnd = (prefix: string): string => `${prefix.slice(0, -1)}0`

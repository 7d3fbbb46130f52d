import type { UserInfo } from '../../pipeline/stage.js'
import {
  ABSTAIN,
  type AccessAttributes,
  ALLOW,
  type Authorizer,
  NO_RULES,
  type UserRules,
  type Verdict,
} from '../authorizer.js'
import { type Rule, rulesAllow } from '../rbac/rules.js'
import type { GraphKind, NodeGraph } from './node-graph.js'

const USER_PREFIX = 'system:node:'
const GROUP = 'system:nodes'
const LEASE_NAMESPACE = 'kube-node-lease'

const no = (reason: string): Verdict => ({ decision: 'abstain', reason })

/** The name of the node that `user` is, empty when he does not say which; undefined: he is none. */
export function nodeOf({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(USER_PREFIX) || !groups.includes(GROUP)) return undefined
  return name.slice(USER_PREFIX.length)
}

/**
 * Gives a node its own objects and what its Pods need, and the rest of what every node needs by
 * `rules` (the role `system:node`). Source: "Using Node Authorization".
 */
export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph
  readonly #rules: readonly Rule[]

  constructor(graph: NodeGraph, rules: readonly Rule[]) {
    this.#graph = graph
    this.#rules = rules
  }

  authorize(user: UserInfo, access: AccessAttributes): Verdict {
    const node = nodeOf(user)
    if (node === undefined) return ABSTAIN
    if (node === '') return no(`unknown node for user ${JSON.stringify(user.name)}`)
    return this.#divided(node, access) ?? (rulesAllow(this.#rules, access) ? ALLOW : ABSTAIN)
  }

  rulesFor(user: UserInfo): UserRules {
    if (nodeOf(user) === undefined) return NO_RULES
    const errors = ['node authorizer does not support user rule resolution']
    return { ...NO_RULES, incomplete: true, errors }
  }

  /** The answer for resources of which a node gets some objects; undefined for others. */
  #divided(node: string, access: AccessAttributes): Verdict | undefined {
    if (!access.isResource) return undefined
    switch (access.group) {
      case '':
        return this.#core(node, access)
      case 'storage.k8s.io':
        if (access.resource === 'volumeattachments')
          return this.#reading(node, 'volumeattachments', access)
        return access.resource === 'csinodes' ? csiNode(node, access) : undefined
      case 'resource.k8s.io':
        if (access.resource === 'resourceclaims')
          return this.#reading(node, 'resourceclaims', access)
        return access.resource === 'resourceslices' ? resourceSlice(node, access) : undefined
      case 'coordination.k8s.io':
        return access.resource === 'leases' ? lease(node, access) : undefined
      default:
        return undefined
    }
  }

  #core(node: string, access: AccessAttributes): Verdict | undefined {
    switch (access.resource) {
      case 'secrets':
      case 'configmaps':
        return this.#readingAll(node, access.resource, access)
      case 'persistentvolumeclaims':
        return access.subresource === 'status'
          ? this.#updatingStatus(node, 'persistentvolumeclaims', access)
          : this.#reading(node, 'persistentvolumeclaims', access)
      case 'persistentvolumes':
        return this.#reading(node, 'persistentvolumes', access)
      case 'serviceaccounts':
        return this.#account(node, access)
      case 'nodes':
        return ownNode(node, access)
      case 'pods':
        return this.#pods(node, access)
      default:
        return undefined
    }
  }

  #reading(node: string, kind: GraphKind, access: AccessAttributes): Verdict {
    if (access.verb !== 'get') return no('can only get individual resources of this type')
    if (access.subresource) return no('cannot get subresource')
    return this.#related(node, kind, access)
  }

  #readingAll(node: string, kind: GraphKind, access: AccessAttributes): Verdict {
    if (!['get', 'list', 'watch'].includes(access.verb))
      return no('can only read resources of this type')
    if (access.subresource) return no('cannot read subresource')
    if (!access.namespace) return no('can only read namespaced object of this type')
    return this.#related(node, kind, access)
  }

  #updatingStatus(node: string, kind: GraphKind, access: AccessAttributes): Verdict {
    if (!['get', 'update', 'patch'].includes(access.verb))
      return no('can only get/update/patch this type')
    return this.#related(node, kind, access)
  }

  #account(node: string, access: AccessAttributes): Verdict {
    if (access.verb === 'get' && !access.subresource)
      return this.#related(node, 'serviceaccounts', access)
    if (access.verb !== 'create' || !access.name)
      return no('can only create tokens for individual service accounts')
    if (access.subresource !== 'token')
      return no('can only create token subresource of service account')
    return this.#related(node, 'serviceaccounts', access)
  }

  #pods(node: string, access: AccessAttributes): Verdict {
    const { verb, subresource } = access
    switch (subresource) {
      case '':
        if (verb === 'get') return this.#reading(node, 'pods', access)
        if (verb === 'create' || verb === 'delete') return ALLOW
        if (verb !== 'list' && verb !== 'watch') return ABSTAIN
        return selects(access, 'spec.nodeName', node)
          ? ALLOW
          : no('can only list/watch pods with spec.nodeName field selector')
      case 'status':
        return verb === 'update' || verb === 'patch' ? ALLOW : ABSTAIN
      case 'eviction':
        return verb === 'create' ? ALLOW : ABSTAIN
      default:
        return ABSTAIN
    }
  }

  #related(node: string, kind: GraphKind, { namespace, name }: AccessAttributes): Verdict {
    if (!name) return no('No Object name found')
    return this.#graph.isRelated(node, kind, namespace, name)
      ? ALLOW
      : no(`no relationship found between node '${node}' and this object`)
  }
}

/** What a node may change of Nodes beyond its own is for admission to say. */
function ownNode(node: string, { verb, name, subresource }: AccessAttributes): Verdict {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOW : ABSTAIN
  if (subresource) return ABSTAIN
  switch (verb) {
    case 'create':
    case 'update':
    case 'patch':
      return ALLOW
    case 'get':
    case 'list':
    case 'watch':
      if (name === node) return ALLOW
      return name
        ? no(`node '${node}' cannot read '${name}', only its own Node object`)
        : no(`node '${node}' cannot read all nodes, only its own Node object`)
    default:
      return ABSTAIN
  }
}

const OWNED = ['get', 'create', 'update', 'patch', 'delete']

function lease(node: string, { verb, namespace, name }: AccessAttributes): Verdict {
  if (!OWNED.includes(verb))
    return no('can only get, create, update, patch, or delete a node lease')
  if (namespace !== LEASE_NAMESPACE)
    return no(`can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`)
  if (verb !== 'create' && name !== node)
    return no('can only access node lease with the same name as the requesting node')
  return ALLOW
}

function csiNode(node: string, { verb, name, subresource }: AccessAttributes): Verdict {
  if (!OWNED.includes(verb)) return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource) return no('cannot authorize CSINode subresources')
  if (verb !== 'create' && name !== node)
    return no('can only access CSINode with the same name as the requesting node')
  return ALLOW
}

function resourceSlice(node: string, access: AccessAttributes): Verdict {
  if (access.subresource) return no('cannot authorize ResourceSlice subresources')
  switch (access.verb) {
    case 'get':
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return ALLOW
    case 'watch':
    case 'list':
    case 'deletecollection':
      return selects(access, 'spec.nodeName', node)
        ? ALLOW
        : no(
            'can only list/watch/deletecollection resourceslices with spec.nodeName field selector',
          )
    default:
      return no(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      )
  }
}

/** Whether the field selector demands that `field` is `value`. */
const selects = ({ fieldSelector }: AccessAttributes, field: string, value: string): boolean =>
  (fieldSelector ?? '')
    .split(',')
    .some((term) => term === `${field}=${value}` || term === `${field}==${value}`)

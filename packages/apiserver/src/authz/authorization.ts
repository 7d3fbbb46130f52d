import type { KubeObject } from '@miniplane/api'
import { nodeRules } from '../bootstrap/rbac/component-roles.js'
import type { Resources } from '../registry/resources.js'
import type { WatchCache } from '../watch-cache/watch-cache.js'
import type { Authorizer } from './authorizer.js'
import { followCache } from './follow-cache.js'
import { type AuthorizationMode, alwaysAllow, alwaysDeny, privilegedGroup } from './modes.js'
import { NodeAuthorizer } from './node/node-authorizer.js'
import { NodeGraph } from './node/node-graph.js'
import { Grants } from './rbac/grants.js'
import { RbacAuthorizer } from './rbac/rbac-authorizer.js'
import { UnionAuthorizer } from './union.js'

const GROUP = 'rbac.authorization.k8s.io'

/** The authorizer of a server, and what keeps it up to date. */
export interface Authorization {
  readonly authorizer: Authorizer
  /** What roles and bindings follow from, whatever the modes: nobody may give more than he has. */
  readonly grants: Grants
  /** Afterwards roles and bindings count, the moment they are written. */
  start(): Promise<void>
  close(): void
}

export function makeAuthorization(
  resources: Resources,
  modes: readonly AuthorizationMode[],
): Authorization {
  const grants = new Grants()
  let pods: WatchCache | undefined
  const graph = new NodeGraph(resources, () => pods)
  const byMode: Record<AuthorizationMode, () => Authorizer> = {
    Node: () => new NodeAuthorizer(graph, nodeRules),
    RBAC: () => new RbacAuthorizer(grants),
    AlwaysAllow: () => alwaysAllow,
    AlwaysDeny: () => alwaysDeny,
  }
  const stops: (() => void)[] = [() => graph.close()]
  return {
    authorizer: new UnionAuthorizer([privilegedGroup, ...modes.map((mode) => byMode[mode]())]),
    grants,
    async start() {
      if (modes.includes('Node')) {
        await resources.preload(NODES_NEED)
        pods = (await resources.readyNamed('', 'pods'))?.storage.cache
      }
      await Promise.all(
        FOLLOWED.map(async (resource) => {
          const found = await resources.readyNamed(GROUP, resource)
          if (found) stops.push(followCache(found.storage.cache, readerOf(grants, resource)))
        }),
      )
    },
    close() {
      for (const stop of stops.splice(0)) stop()
    },
  }
}

/** What the Pods of a node lead to. */
const NODES_NEED = [
  ['', 'persistentvolumeclaims'],
  ['', 'persistentvolumes'],
  ['storage.k8s.io', 'volumeattachments'],
] as const

const FOLLOWED = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'] as const

function readerOf(grants: Grants, resource: (typeof FOLLOWED)[number]) {
  if (resource === 'roles' || resource === 'clusterroles')
    return {
      put: (object: KubeObject) => grants.putRole(object),
      remove: (object: KubeObject) => grants.removeRole(object),
      reset: () => grants.forgetRoles(resource === 'roles' ? 'Role' : 'ClusterRole'),
    }
  return {
    put: (object: KubeObject) => grants.putBinding(object),
    remove: (object: KubeObject) => grants.removeBinding(object),
    reset: () => grants.forgetBindings(resource === 'rolebindings'),
  }
}

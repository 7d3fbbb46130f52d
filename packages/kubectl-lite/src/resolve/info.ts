import type { KubeObject } from '@miniplane/api'
import type { ResourceInfo } from './discovery.js'

/** One object that a command works on, and where it came from. */
export interface Info {
  readonly resource: ResourceInfo
  /** Empty for cluster-scoped objects. */
  readonly namespace: string
  readonly name: string
  /** The manifest it was read from; empty when it was named on the command line. */
  readonly source: string
  /** From the manifest, or as the server last gave it. */
  readonly object: KubeObject
}

/** `deployment.apps/web` */
export const displayName = (info: Pick<Info, 'resource' | 'name'>): string =>
  `${kindPrefix(info.resource)}/${info.name}`

/** `deployment.apps` */
export const kindPrefix = (resource: Pick<ResourceInfo, 'kind' | 'group'>): string =>
  resource.group === ''
    ? resource.kind.toLowerCase()
    : `${resource.kind.toLowerCase()}.${resource.group}`

/** `deployments/web` */
export const resourceName = (info: Pick<Info, 'resource' | 'name'>): string =>
  `${info.resource.resource}/${info.name}`

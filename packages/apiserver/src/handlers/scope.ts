import type {
  Clock,
  NodeDialer,
  Random,
  ResourceCatalog,
  ResourceDefinition,
  SubresourceDefinition,
} from '@miniplane/api'
import type { ProxyClient } from '../aggregation/remote-request.js'
import type { RemoteServices } from '../aggregation/remote-services.js'
import type { TokenIssuer, Verified } from '../authn/service-account-tokens.js'
import { managerName } from '../field-managers/manager-name.js'
import type { ComponentProbes } from '../health/components.js'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import type { RequestContext } from '../pipeline/stage.js'
import { companionsOf } from '../registry/generic/companions.js'
import type { RegistryServices } from '../registry/generic/create.js'
import { writeStatus } from '../registry/generic/write-status.js'
import type { Resource } from '../registry/resource.js'
import type { Resources } from '../registry/resources.js'
import type { Lister } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'

/** What the handlers share: everything that belongs to the server and not to a request. */
export interface Services extends RegistryServices {
  readonly catalog: ResourceCatalog
  readonly resources: Resources
  readonly lister: Lister
  readonly clock: Clock
  readonly random: Random
  readonly limits: Limits
  readonly log: Log
  readonly tokens: TokenIssuer
  /** The other parts of the control plane, by name. */
  readonly components: ComponentProbes
  readonly remoteServices: RemoteServices
  readonly proxyClient?: ProxyClient | undefined
  /** Absent: no node answers. */
  readonly dialNode?: NodeDialer
  /** Whom a bearer token stands for in the eyes of `audiences` (by default the server's own). */
  reviewToken(token: string, audiences?: readonly string[]): Promise<Verified | undefined>
}

/** What one request is about. */
export interface Scope {
  readonly definition: ResourceDefinition
  readonly resource: Resource
  /** Undefined for cluster-scoped objects, and for reads over all namespaces. */
  readonly namespace: string | undefined
  /** Empty for collections. */
  readonly name: string
  readonly subresource: SubresourceDefinition | undefined
}

export function writeContextOf(
  services: Services,
  scope: Scope,
  context: RequestContext,
  options: Readonly<Record<string, unknown>>,
  dryRun: boolean,
): WriteContext {
  const { clock, random, lister } = services
  const { fieldManager = '' } = options as { fieldManager?: string }
  const writeContext: WriteContext = {
    clock,
    random,
    lister,
    writeStatus: (...object) => writeStatus(services, writeContext, ...object),
    get companions() {
      return companionsOf(services, writeContext)
    },
    namespace: scope.namespace,
    user: context.user,
    dryRun,
    requestContext: context,
    subresource: scope.subresource?.name ?? '',
    options,
    manager: managerName(fieldManager, context.request.headers['user-agent']),
    warn: (text) => context.warnings.push(text),
  }
  return writeContext
}

import type { Clock, Ledger, NodeDialer, Random, ResourceCatalog } from '@miniplane/api'
import type { StoreClient } from '@miniplane/store'
import type { AdmissionPlugin } from './admission/admission.js'
import type { ProxyClient } from './aggregation/remote-request.js'
import type { StaticToken } from './authn/authenticator.js'
import type { FrontProxies } from './authn/front-proxy.js'
import type { ServiceAccountTokens } from './authn/service-account-tokens.js'
import type { KeyKeeper } from './authn/signing-key.js'
import type { Authorizer } from './authz/authorizer.js'
import type { AuthorizationMode } from './authz/modes.js'
import type { ComponentName } from './health/components.js'
import type { Limits } from './limits.js'
import type { Log } from './log.js'
import type { AuditSink } from './pipeline/audit.js'
import type { FaultInjector } from './pipeline/faults.js'
import type { UserInfo } from './pipeline/stage.js'
import type { StorageMediaType } from './storage/media-type.js'

export interface ApiServerOptions {
  readonly store: StoreClient
  /** Whether a finished write has reached every watch of `store` already. Default true. */
  readonly isStoreEmbedded?: boolean
  /** In front of every key. Default `/registry`. */
  readonly etcdPrefix?: string | undefined
  /** What objects are written to the store as. Default `application/json`; both are read. */
  readonly storageMediaType?: StorageMediaType | undefined
  readonly clock: Clock
  readonly random: Random
  readonly ledger?: Ledger
  readonly log?: Log
  /** What is served; default: the built-in kinds. */
  readonly catalog?: ResourceCatalog
  readonly tokens?: readonly StaticToken[]
  /** The plane's own components, by tokens that are made as they start. */
  readonly componentOf?: (token: string) => UserInfo | undefined
  /** Who decides what a user may do, in this order. Default: Node, RBAC. */
  readonly authorizationModes?: readonly AuthorizationMode[]
  /** Instead of the modes. */
  readonly authorizer?: Authorizer
  /** In their order; default: those of a default server. */
  readonly admissionPlugins?: readonly AdmissionPlugin[]
  /** Beside the default ones, by the real server's names. */
  readonly enableAdmissionPlugins?: readonly string[]
  readonly disableAdmissionPlugins?: readonly string[]
  /** Where cluster IPs come from. Default 10.0.0.0/24. */
  readonly serviceCidr?: string
  /** Components that run in this process, and are as well as it is. Others are asked by HTTPS. */
  readonly ownComponents?: readonly ComponentName[]
  /** The way to the nodes, for logs and what is said to containers. Default: none answers. */
  readonly dialNode?: NodeDialer
  /** Keys, issuers and audiences of service accounts' tokens. Default: the server's own. */
  readonly serviceAccountTokens?: ServiceAccountTokens | undefined
  /** What is shown to servers behind API services. Default: nothing. */
  readonly proxyClient?: ProxyClient | undefined
  /** Who may say in headers who asks. Default: nobody. */
  readonly frontProxies?: FrontProxies | undefined
  /** Who shows no credentials is the anonymous user. Default: true, but for AlwaysAllow. */
  readonly anonymousAuth?: boolean | undefined
  /** Where the key of service accounts' tokens is kept. Default: nowhere, it is new at every start. */
  readonly keyKeeper?: KeyKeeper | undefined
  readonly auditSink?: AuditSink
  readonly faults?: FaultInjector
  readonly limits?: Partial<Limits>
}

import type { Clock, Ledger, Random, ResourceCatalog } from '@miniplane/api'
import type { StoreClient } from '@miniplane/store'
import type { AdmissionPlugin } from './admission/admission.js'
import type { StaticToken } from './authn/authenticator.js'
import type { Authorizer } from './authz/authorizer.js'
import type { Limits } from './limits.js'
import type { Log } from './log.js'
import type { AuditSink } from './pipeline/audit.js'
import type { FaultInjector } from './pipeline/faults.js'

export interface ApiServerOptions {
  readonly store: StoreClient
  /** Whether a finished write has reached every watch of `store` already. Default true. */
  readonly isStoreEmbedded?: boolean
  /** In front of every key. Default `/registry`. */
  readonly etcdPrefix?: string | undefined
  readonly clock: Clock
  readonly random: Random
  readonly ledger?: Ledger
  readonly log?: Log
  /** What is served; default: the built-in kinds. */
  readonly catalog?: ResourceCatalog
  readonly tokens?: readonly StaticToken[]
  readonly authorizer?: Authorizer
  /** In their order; default: those of a default server. */
  readonly admissionPlugins?: readonly AdmissionPlugin[]
  readonly disableAdmissionPlugins?: readonly string[]
  /** Where cluster IPs come from. Default 10.0.0.0/24. */
  readonly serviceCidr?: string
  readonly auditSink?: AuditSink
  readonly faults?: FaultInjector
  readonly limits?: Partial<Limits>
}

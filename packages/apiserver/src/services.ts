import { builtinResources, ResourceCatalog } from '@miniplane/api'
import type { AdmissionPlugin } from './admission/admission.js'
import { defaultAdmissionPlugins } from './admission/all.js'
import { AdmissionChain } from './admission/chain.js'
import type { AdmissionDependencies } from './admission/dependencies.js'
import { RemoteServices } from './aggregation/remote-services.js'
import { type Authenticator, RequestAuthenticator } from './authn/authenticator.js'
import { noteLastUsed } from './authn/last-used.js'
import { TokenIssuer } from './authn/service-account-tokens.js'
import { type Authorization, makeAuthorization } from './authz/authorization.js'
import type { AuthorizationMode } from './authz/modes.js'
import { CauseLog } from './causes/cause-log.js'
import { FieldManagers } from './field-managers/field-managers.js'
import type { Services } from './handlers/scope.js'
import { componentProbes } from './health/components.js'
import { limits as defaultLimits } from './limits.js'
import { silentLog } from './log.js'
import type { ApiServerOptions } from './options.js'
import { strategyFor } from './registry/all.js'
import { DEFAULT_RANGES } from './registry/core/service-allocation.js'
import { escalationGuard } from './registry/rbac/escalation-guard.js'
import { Resources } from './registry/resources.js'

const DEFAULT_MODES: readonly AuthorizationMode[] = ['Node', 'RBAC']

/** Makes what the handlers of one server share, and what tells it who asks. */
export function makeServices(options: ApiServerOptions): {
  readonly services: Services
  readonly authenticator: Authenticator
  readonly authorization: Authorization
} {
  const { clock, random, log = silentLog } = options
  const limits = { ...defaultLimits, ...options.limits }
  const catalog = options.catalog ?? new ResourceCatalog(builtinResources())
  const resources = makeResources(options, { catalog, limits, log })
  const modes = options.authorizationModes ?? DEFAULT_MODES
  const authorization = makeAuthorization(resources, modes)
  const tokens = new TokenIssuer(clock, random, () => resources, {
    noteUse: (secret) => noteLastUsed(services, secret),
    keyKeeper: options.keyKeeper,
    given: options.serviceAccountTokens,
  })
  const authenticator = new RequestAuthenticator(tokens, {
    ...options,
    // Otherwise everybody on the network might do everything.
    allowsAnonymous: (options.anonymousAuth ?? true) && !modes.includes('AlwaysAllow'),
  })
  const authorizer = options.authorizer ?? authorization.authorizer
  const services: Services = {
    catalog,
    resources,
    lister: resources,
    clock,
    random,
    limits,
    log,
    admission: new AdmissionChain([
      ...admissionPlugins(options, { catalog, authorizer }),
      escalationGuard(authorization, authorizer),
    ]),
    causes: new CauseLog(limits.causeRecordsMax, log),
    fieldManagers: new FieldManagers(catalog, clock),
    authorizer,
    tokens,
    remoteServices: new RemoteServices(resources),
    proxyClient: options.proxyClient,
    components: componentProbes(options.store, options.ownComponents),
    ...(options.dialNode && { dialNode: options.dialNode }),
    reviewToken: (token, audiences) => authenticator.reviewToken(token, audiences),
  }
  return { services, authenticator, authorization }
}

function admissionPlugins(
  options: ApiServerOptions,
  given: AdmissionDependencies,
): readonly AdmissionPlugin[] {
  const { enableAdmissionPlugins: enabled = [], disableAdmissionPlugins: disabled = [] } = options
  return options.admissionPlugins ?? defaultAdmissionPlugins({ enabled, disabled }, given)
}

function makeResources(
  options: ApiServerOptions,
  shared: Pick<Services, 'catalog' | 'limits' | 'log'>,
): Resources {
  const { store, clock, serviceCidr, isStoreEmbedded = true } = options
  const { etcdPrefix, storageMediaType } = options
  const serviceRanges = {
    ...DEFAULT_RANGES,
    ...(serviceCidr !== undefined && { clusterIPs: serviceCidr }),
  }
  return new Resources({
    ...shared,
    store,
    isStoreEmbedded,
    etcdPrefix,
    storageMediaType,
    clock,
    strategyFor: (definition) => strategyFor(definition, { serviceRanges }),
  })
}

import {
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  builtinResources,
  type Clock,
  formatTime,
  type Ledger,
  type Random,
  ResourceCatalog,
  uuid,
} from '@miniplane/api'
import type { StoreClient } from '@miniplane/store'
import type { AdmissionPlugin } from './admission/admission.js'
import { defaultAdmissionPlugins } from './admission/all.js'
import { AdmissionChain } from './admission/chain.js'
import { RequestAuthenticator, type StaticToken } from './authn/authenticator.js'
import { OpenIdProvider } from './authn/open-id.js'
import { TokenIssuer } from './authn/service-account-tokens.js'
import type { Authorizer } from './authz/authorizer.js'
import { componentAuthorizer } from './authz/component-authorizer.js'
import { ensureObjects } from './bootstrap/ensure.js'
import { bootstrapObjects } from './bootstrap/objects.js'
import { CauseLog } from './causes/cause-log.js'
import { Discovery } from './discovery/discovery.js'
import { route } from './handlers/route.js'
import type { Services } from './handlers/scope.js'
import { Health } from './health/health.js'
import { limits as defaultLimits, type Limits } from './limits.js'
import { type Log, silentLog } from './log.js'
import { Metrics, RequestCounts } from './metrics/metrics.js'
import { OpenApi } from './openapi/openapi.js'
import type { AuditSink } from './pipeline/audit.js'
import type { FaultInjector } from './pipeline/faults.js'
import { stages } from './pipeline/pipeline.js'
import { requestInfoOf } from './pipeline/request-info.js'
import { compose, type RequestContext } from './pipeline/stage.js'
import { warningHeaders } from './pipeline/warnings.js'
import { strategyFor } from './registry/all.js'
import { DEFAULT_RANGES } from './registry/core/service-allocation.js'
import { Resources } from './registry/resources.js'
import { startCompactor } from './storage/compactor.js'

export interface ApiServerOptions {
  readonly store: StoreClient
  /** Whether a finished write has reached every watch of `store` already. Default true. */
  readonly isStoreEmbedded?: boolean
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

/** A whole API server. `handle` may be called as soon as `start()` has been. */
export interface ApiServer {
  /** Answers a request; never rejects. */
  readonly handle: ApiHandler
  /** Fills the caches that every write needs, writes what a fresh server contains. Idempotent. */
  start(): Promise<void>
  /** Whether `start` is through. */
  readonly isReady: boolean
  /** Ends every watch and stops following the store: `/readyz` says so, and reads grow stale. */
  close(): Promise<void>
  /** Who wrote what, and why. */
  readonly causes: CauseLog
  readonly catalog: ResourceCatalog
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: Limits
  /** Where discovery says the server is; set by the edge that listens. */
  address: string
}

/** What admission and strategies look up synchronously; in the cache before the first write. */
const PRELOADED = [
  ['', 'namespaces'],
  ['', 'serviceaccounts'],
  ['', 'services'],
  ['', 'limitranges'],
  ['', 'resourcequotas'],
  ['', 'pods'],
  ['', 'nodes'],
  ['policy', 'poddisruptionbudgets'],
  ['scheduling.k8s.io', 'priorityclasses'],
  ['node.k8s.io', 'runtimeclasses'],
  ['storage.k8s.io', 'storageclasses'],
  ['networking.k8s.io', 'ingressclasses'],
] as const

/**
 * Makes an API server over a store. Nothing is kept outside it: any number live side by side.
 * Ownership: the caller closes it, and the store after it.
 */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { clock, random, log = silentLog, ledger } = options
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const catalog = options.catalog ?? new ResourceCatalog(builtinResources())
  const services = makeServices(options, catalog, limits)
  const { resources, causes, authorizer } = services
  const state = { isReady: false, isClosed: false, address: '127.0.0.1:443' }
  const requests = new RequestCounts()
  const authenticator = new RequestAuthenticator(options.tokens ?? [], services.tokens)
  services.authenticateToken = async (token) => authenticator.authenticateToken(token)
  const pipeline = compose(
    stages({
      log,
      clock,
      random,
      limits,
      authenticator,
      authorizer,
      auditSink: options.auditSink,
      faults: options.faults,
    }),
    route({
      services,
      discovery: new Discovery(catalog, () => state.address),
      health: new Health([
        {
          name: 'etcd',
          endpoints: ['healthz', 'livez', 'readyz'],
          check: () => storeProblem(options.store),
        },
        {
          name: 'poststarthook/start-system-namespaces-controller',
          endpoints: ['healthz', 'readyz'],
          check: () => (state.isReady ? undefined : 'not finished'),
        },
        {
          name: 'shutdown',
          endpoints: ['readyz'],
          check: () => (state.isClosed ? 'process is shutting down' : undefined),
        },
      ]),
      metrics: new Metrics({
        requests,
        watcherCount: () => resources.watcherCount,
        objectCounts: () =>
          [...resources.storages].map(([prefix, { cache }]) => [prefix, cache.size] as const),
      }),
      openApi: new OpenApi(catalog),
      openId: new OpenIdProvider(services.tokens, () => state.address),
    }),
  )

  const handle: ApiHandler = async (request) => {
    ledger?.begin('request')
    try {
      const context = newContext(request, random)
      const response = await pipeline(context)
      const { verb, group, version, resource } = context.info
      // What is not served has no name here: anybody can ask for anything.
      const served = catalog.byResource(group, version, resource)
      requests.count(verb, served?.group ?? '', served?.resource ?? '', response.status)
      return withHeaders(response, context)
    } finally {
      ledger?.end('request')
    }
  }

  const stopCompactor = startCompactor({
    store: options.store,
    clock,
    log,
    intervalMs: limits.compactionIntervalMs,
  })

  let started: Promise<void> | undefined
  return {
    handle,
    causes,
    catalog,
    clock,
    random,
    log,
    limits,
    get isReady() {
      return state.isReady
    },
    get address() {
      return state.address
    },
    set address(address) {
      state.address = address
    },
    start() {
      started ??= (async () => {
        await resources.preload(PRELOADED)
        await ensureObjects(services, freshObjects(options, state.address))
        state.isReady = true
      })()
      return started
    },
    async close() {
      state.isClosed = true
      stopCompactor()
      resources.close()
    },
  }
}

type MutableServices = { -readonly [K in keyof Services]: Services[K] }

function makeServices(
  options: ApiServerOptions,
  catalog: ResourceCatalog,
  limits: Limits,
): MutableServices {
  const { clock, random, store, log = silentLog } = options
  const serviceRanges = {
    ...DEFAULT_RANGES,
    ...(options.serviceCidr !== undefined && { clusterIPs: options.serviceCidr }),
  }
  const resources = new Resources({
    catalog,
    store,
    isStoreEmbedded: options.isStoreEmbedded ?? true,
    clock,
    log,
    limits,
    strategyFor: (definition) => strategyFor(definition, { serviceRanges }),
  })
  const disabled = options.disableAdmissionPlugins ?? []
  const plugins = options.admissionPlugins ?? defaultAdmissionPlugins({ disabled })
  return {
    catalog,
    resources,
    lister: resources,
    clock,
    random,
    limits,
    log,
    admission: new AdmissionChain(plugins),
    causes: new CauseLog(limits.causeRecordsMax, log),
    authorizer: options.authorizer ?? componentAuthorizer,
    tokens: new TokenIssuer(clock, random, () => resources),
    authenticateToken: async () => undefined,
  }
}

const NOBODY = { name: '', groups: [] }

function newContext(request: ApiRequest, random: Random): RequestContext {
  return {
    request,
    auditId: uuid(random),
    // Replaced by the first stage; here so that what it throws can be answered.
    info: NO_INFO,
    user: NOBODY,
    warnings: [],
  }
}

const NO_INFO = requestInfoOf({
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  headers: {},
  signal: new AbortController().signal,
})

/** Headers that every answer carries. */
function withHeaders(response: ApiResponse, { auditId, warnings }: RequestContext): ApiResponse {
  const headers: Record<string, string | readonly string[]> = {
    ...response.headers,
    'audit-id': auditId,
    'cache-control': 'no-cache, private',
  }
  if (warnings.length > 0) headers.warning = warningHeaders(warnings)
  return { ...response, headers }
}

async function storeProblem(store: StoreClient): Promise<string | undefined> {
  try {
    await store.range({ key: '/registry/health', limit: 1 })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** An endpoint may be neither loopback nor unspecified, and hollow Pods would not reach it anyway. */
const UNREACHABLE = '192.0.2.1'
const NO_ENDPOINT = /^(127\.|0\.0\.0\.0$|.*[^0-9.])/

function freshObjects({ clock, serviceCidr = '10.0.0.0/24' }: ApiServerOptions, listening: string) {
  const { hostname, port } = new URL(`https://${listening}`)
  return bootstrapObjects({
    serviceCidr,
    address: NO_ENDPOINT.test(hostname) ? UNREACHABLE : hostname,
    port: Number(port || 443),
    now: formatTime(clock.now()),
  })
}

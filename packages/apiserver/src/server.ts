import { hostname as machineName } from 'node:os'
import {
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  type Clock,
  type Random,
  type ResourceCatalog,
  uuid,
} from '@miniplane/api'
import type { Authenticator } from './authn/authenticator.js'
import { OpenIdProvider } from './authn/open-id.js'
import type { SecretTokenOrder } from './authn/secret-tokens.js'
import { ensureObjects } from './bootstrap/ensure.js'
import { keepObjects } from './bootstrap/keep-objects.js'
import { type BootstrapOptions, bootstrapObjects, lastingObjects } from './bootstrap/objects.js'
import { rbacPolicy } from './bootstrap/rbac/policy.js'
import { reconcilePolicy } from './bootstrap/rbac/reconcile.js'
import type { CauseLog } from './causes/cause-log.js'
import { Discovery } from './discovery/discovery.js'
import { FlowClassifier } from './flow-control/flow-classifier.js'
import { followFlows } from './flow-control/follow-flows.js'
import { route } from './handlers/route.js'
import type { Services } from './handlers/scope.js'
import { healthChecks, type ServerState } from './health/checks.js'
import { Health } from './health/health.js'
import type { Limits } from './limits.js'
import type { Log } from './log.js'
import { Metrics, RequestCounts } from './metrics/metrics.js'
import { OpenApi } from './openapi/openapi.js'
import type { ApiServerOptions } from './options.js'
import { keepConditions } from './own-conditions/keep-conditions.js'
import { stages } from './pipeline/pipeline.js'
import { requestInfoOf } from './pipeline/request-info.js'
import { compose, type RequestContext } from './pipeline/stage.js'
import { warningHeaders } from './pipeline/warnings.js'
import { DEFAULT_RANGES } from './registry/core/service-allocation.js'
import { addressesOfServices } from './registry/networking/cluster-ips.js'
import { makeServices } from './services.js'
import { startCompactor } from './storage/compactor.js'

/** A whole API server. `handle` may be called as soon as `start()` has been. */
export interface ApiServer {
  /** Answers a request; never rejects. */
  readonly handle: ApiHandler
  /** Fills the caches that every write needs, writes what a fresh server contains. Idempotent. */
  start(): Promise<void>
  /** Whether `start` is through. */
  readonly isReady: boolean
  /** A token that lasts as long as the Secret it is put into. */
  signSecretToken(order: SecretTokenOrder): Promise<string>
  /** Ends every watch and stops following the store: `/readyz` says so, and requests get 503. */
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
  /** PEM of those whose client certificates are taken; set by the edge before the server starts. */
  clientAuthorities: string | undefined
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
  ['networking.k8s.io', 'ipaddresses'],
  ['networking.k8s.io', 'servicecidrs'],
] as const

/**
 * Makes an API server over a store. Nothing is kept outside it: any number live side by side.
 * Ownership: the caller closes it, and the store after it.
 */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { services, authenticator, authorization } = makeServices(options)
  const { resources, causes, catalog, clock, random, log, limits } = services
  const state = { isReady: false, isClosed: false, address: '127.0.0.1:443' }
  const own = { uid: uuid(random), clientAuthorities: undefined as string | undefined }
  const flows = new FlowClassifier()
  let stopFlows = () => {}
  let stopConditions = () => {}
  let stopKeeping = () => {}
  const handle = makeHandler(options, services, authenticator, state, flows)
  const { store } = options
  const intervalMs = limits.compactionIntervalMs
  const stopCompactor = startCompactor({ store, clock, log, intervalMs })
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
    get clientAuthorities() {
      return own.clientAuthorities
    },
    set clientAuthorities(authorities) {
      own.clientAuthorities = authorities
    },
    start() {
      started ??= (async () => {
        await resources.preload(PRELOADED)
        await authorization.start()
        const current = () => bootstrapOptions(options, state.address, own)
        await ensureObjects(services, bootstrapObjects(current()))
        await ensureObjects(services, addressesOfServices(resources))
        stopKeeping = keepObjects(services, () => lastingObjects(current()))
        stopFlows = await followFlows(resources, flows)
        stopConditions = await keepConditions(services)
        await reconcilePolicy(services, rbacPolicy())
        state.isReady = true
      })()
      return started
    },
    signSecretToken: (order) => services.tokens.signForSecret(order),
    async close() {
      state.isClosed = true
      stopCompactor()
      stopFlows()
      stopConditions()
      stopKeeping()
      authorization.close()
      resources.close()
    },
  }
}

/** The pipeline, with the routes behind it and what is counted and said about every request. */
function makeHandler(
  { ledger, store, auditSink, faults }: ApiServerOptions,
  services: Services,
  authenticator: Authenticator,
  state: ServerState & { readonly address: string },
  flows: FlowClassifier,
): ApiHandler {
  const { catalog, resources, tokens } = services
  const requests = new RequestCounts()
  const pipeline = compose(
    stages({ ...services, state, authenticator, auditSink, faults, flows }),
    route({
      services,
      discovery: new Discovery(catalog, services.remoteServices, () => state.address),
      health: new Health(healthChecks(store, state)),
      metrics: new Metrics({
        requests,
        watcherCount: () => resources.watcherCount,
        objectCounts: () =>
          [...resources.storages].map(([prefix, { cache }]) => [prefix, cache.size] as const),
      }),
      openApi: new OpenApi(catalog, services.clock),
      openId: new OpenIdProvider(tokens, () => state.address),
    }),
  )
  return async (request) => {
    ledger?.begin('request')
    try {
      const context = newContext(request, services.random)
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
function withHeaders(response: ApiResponse, context: RequestContext): ApiResponse {
  const { auditId, warnings, flow } = context
  const headers: Record<string, string | readonly string[]> = {
    'cache-control': 'no-cache, private',
    ...response.headers,
    'audit-id': auditId,
    ...flow,
  }
  if (warnings.length > 0) headers.warning = warningHeaders(warnings)
  return { ...response, headers }
}

/** An endpoint may be neither loopback nor unspecified, and hollow Pods would not reach it anyway. */
const UNREACHABLE = '192.0.2.1'
const NO_ENDPOINT = /^(127\.|0\.0\.0\.0$|.*[^0-9.])/

function bootstrapOptions(
  { clock, frontProxies, serviceCidr = DEFAULT_RANGES.clusterIPs }: ApiServerOptions,
  listening: string,
  own: Pick<BootstrapOptions, 'uid' | 'clientAuthorities'>,
): BootstrapOptions {
  const { hostname, port } = new URL(`https://${listening}`)
  return {
    ...own,
    frontProxies,
    serviceCidr,
    address: NO_ENDPOINT.test(hostname) ? UNREACHABLE : hostname,
    port: Number(port || 443),
    nowMs: clock.now(),
    hostname: machineName(),
  }
}

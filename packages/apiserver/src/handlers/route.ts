import { type ApiResponse, genericServerResponse } from '@miniplane/api'
import { passOn } from '../aggregation/pass-on.js'
import { CONFIGURATION_PATH, KEYS_PATH, type OpenIdProvider } from '../authn/open-id.js'
import { CAUSES_PATH, handleCauses } from '../causes/handle-causes.js'
import { checkIsRead, type Discovery } from '../discovery/discovery.js'
import { versionInfo } from '../discovery/version.js'
import type { Endpoint, Health } from '../health/health.js'
import type { Metrics } from '../metrics/metrics.js'
import { checkAccepts } from '../negotiation/accept.js'
import { bytesResponse, JSON_TYPE, pageNotFound, textResponse } from '../negotiation/respond.js'
import type { OpenApi } from '../openapi/openapi.js'
import type { Handler, RequestContext } from '../pipeline/stage.js'
import { dispatchResource } from './dispatch.js'
import type { Services } from './scope.js'

export interface Routes {
  readonly services: Services
  readonly discovery: Discovery
  readonly health: Health
  readonly metrics: Metrics
  readonly openApi: OpenApi
  readonly openId: OpenIdProvider
}

/** What stands behind the pipeline: resources, and the paths that are none. */
export const route =
  (routes: Routes): Handler =>
  async (context) => {
    if (context.info.isResource) return dispatchResource(routes.services, context)
    const { path } = context.info
    const [root = '', ...rest] = path.slice(1).split('/')
    if (path.includes('//') && root !== 'api' && root !== 'apis') return pageNotFound()
    switch (root) {
      case 'apis': {
        const [group = '', version = ''] = rest
        const remote = routes.services.remoteServices.find(group, version)
        if (remote) return passOn(routes.services, remote, context)
        return routes.discovery.handle(context)
      }
      case 'api':
        return routes.discovery.handle(context)
      case 'healthz':
      case 'livez':
      case 'readyz':
        return routes.health.handle(context)
      case 'version':
        return version(context, rest)
      case 'metrics':
        if (rest.length > 0) return pageNotFound()
        // Counting never begins anew here: how much was done is asked about all along.
        return context.request.method === 'DELETE'
          ? textResponse(200, 'metrics reset\n')
          : routes.metrics.handle()
      case 'openapi':
        return routes.openApi.handle(context, rest)
      case 'openid':
      case '.well-known':
        return routes.openId.handle(context)
      case '':
      case 'index.html':
        return plainJson({ paths: pathsOf(routes) })
      default:
        return context.info.path === CAUSES_PATH
          ? handleCauses(routes.services.causes, context)
          : pageNotFound()
    }
  }

function version(context: RequestContext, rest: readonly string[]): ApiResponse {
  if (rest.some((part) => part !== ''))
    throw genericServerResponse(404, context.request.method, { group: '', resource: '' }, '')
  checkIsRead(context.request)
  checkAccepts(context.request.headers.accept, ['application/json'])
  return plainJson(versionInfo)
}

/** What is no object of the API: indented JSON, whatever the client says it accepts. */
const plainJson = (document: unknown): ApiResponse =>
  bytesResponse(200, JSON_TYPE, Buffer.from(JSON.stringify(document, undefined, 2)))

const ENDPOINTS: readonly Endpoint[] = ['healthz', 'livez', 'readyz']

function pathsOf({ discovery, health }: Routes): string[] {
  const groups = discovery
    .groups()
    .flatMap(({ name, versions }) => [
      `/apis/${name}`,
      ...versions.map((version) => `/apis/${name}/${version}`),
    ])
  const checks = ENDPOINTS.flatMap((endpoint) => [
    `/${endpoint}`,
    ...health.names(endpoint).map((name) => `/${endpoint}/${name}`),
  ])
  const others = [
    CAUSES_PATH,
    CONFIGURATION_PATH,
    KEYS_PATH,
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ]
  return ['/api', '/api/v1', '/apis', '/apis/', ...groups, ...checks, ...others].sort()
}

import type { ApiResponse, ResourceCatalog } from '@miniplane/api'
import { pageNotFound } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'

/** `/openapi/v3` and `/openapi/v2`, made from the catalog when somebody asks. */
export class OpenApi {
  constructor(_catalog: ResourceCatalog) {}

  handle(_context: RequestContext, _rest: readonly string[]): ApiResponse {
    return pageNotFound()
  }
}

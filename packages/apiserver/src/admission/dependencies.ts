import type { ResourceCatalog } from '@miniplane/api'
import type { Authorizer } from '../authz/authorizer.js'

/** What some plugins ask beside the request. */
export interface AdmissionDependencies {
  readonly authorizer: Authorizer
  readonly catalog: ResourceCatalog
}

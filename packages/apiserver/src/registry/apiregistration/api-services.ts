import type { APIService } from '@miniplane/api'
import { apiServiceTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { pathSegmentName } from '../validation/names.js'

export const apiServicesStrategy = defineStrategy<APIService>({
  // `v1.` is the name of the core group's.
  validateName: pathSegmentName,
  allowUnconditionalUpdate: false,
  table: apiServiceTable,
  subresources: { status: statusSubresource<APIService>() },
})

import type { ServiceAccount } from '@miniplane/api'
import { serviceAccountTable } from '../columns/core.js'
import { defineStrategy } from '../strategy.js'

export const serviceAccounts = defineStrategy<ServiceAccount>({
  returnsDeletedObject: true,
  table: serviceAccountTable,
})

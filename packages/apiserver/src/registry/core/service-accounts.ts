import { FieldPath, type ServiceAccount } from '@miniplane/api'
import { serviceAccountTable } from '../columns/core.js'
import { defineStrategy } from '../strategy.js'

const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets'
const USE_NAMESPACES =
  'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'

export const serviceAccounts = defineStrategy<ServiceAccount>({
  prepareForCreate: keepNames,
  prepareForUpdate: keepNames,
  warningsOnCreate: (account) => annotationWarnings(account),
  warningsOnUpdate: annotationWarnings,
  returnsDeletedObject: true,
  table: serviceAccountTable,
})

/** Secrets are of the account's own namespace: nothing but their names counts. */
function keepNames(draft: ServiceAccount): void {
  draft.secrets &&= draft.secrets.map(({ name }) => (name ? { name } : {}))
}

function annotationWarnings({ metadata }: ServiceAccount, stored?: ServiceAccount): string[] {
  const has = (account: Pick<ServiceAccount, 'metadata'> | undefined) =>
    account?.metadata.annotations?.[ENFORCE_SECRETS] !== undefined
  if (!has({ metadata }) || has(stored)) return []
  return [`${FieldPath.of('metadata', 'annotations').key(ENFORCE_SECRETS)}: ${USE_NAMESPACES}`]
}

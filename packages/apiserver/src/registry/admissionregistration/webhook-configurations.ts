import {
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1035Label,
  isFullyQualifiedName,
  type MutatingWebhook,
  type MutatingWebhookConfiguration,
  required,
  type ValidatingWebhook,
  type ValidatingWebhookConfiguration,
} from '@miniplane/api'
import { webhooksTable } from '../columns/admission.js'
import { defineStrategy, type TableColumns } from '../strategy.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { oneOf } from '../validation/object-meta.js'
import { validateWebhookClient } from '../validation/webhook-client.js'
import { desiredState } from '../workload.js'
import { validateMatchConditions } from './match-conditions.js'
import { validateRule } from './rules.js'

const WEBHOOKS = FieldPath.of('webhooks')
const SERVICE_PORT = 443
const TIMEOUT_SECONDS = 10
const TIMEOUT_SECONDS_MAX = 30
/** Of the reviews that a webhook understands, the server has to speak one. */
const REVIEW_VERSIONS = ['v1', 'v1beta1']

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>
type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration

export const validatingWebhookConfigurations = defineStrategy<ValidatingWebhookConfiguration>({
  ...desiredState<ValidatingWebhookConfiguration>(({ webhooks }) => webhooks),
  setDefaults({ webhooks }) {
    for (const webhook of webhooks ?? []) setWebhookDefaults(webhook)
  },
  validate: validateWebhooks,
  validateUpdate: (draft) => validateWebhooks(draft),
  allowUnconditionalUpdate: false,
  table: webhooksTable as unknown as TableColumns<ValidatingWebhookConfiguration>,
})

export const mutatingWebhookConfigurations = defineStrategy<MutatingWebhookConfiguration>({
  ...desiredState<MutatingWebhookConfiguration>(({ webhooks }) => webhooks),
  setDefaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
  validate: validateWebhooks,
  validateUpdate: (draft) => validateWebhooks(draft),
  allowUnconditionalUpdate: false,
  table: webhooksTable as unknown as TableColumns<MutatingWebhookConfiguration>,
})

function setWebhookDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= TIMEOUT_SECONDS
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  const { service } = webhook.clientConfig
  if (service) service.port ??= SERVICE_PORT
}

function validateWebhooks({ webhooks }: Configuration): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [i, webhook] of (webhooks ?? []).entries()) {
    const path = WEBHOOKS.index(i)
    validateWebhook(webhook as Webhook, path, errors)
    const versions = webhook.admissionReviewVersions ?? []
    validateReviewVersions(versions, path.child('admissionReviewVersions'), errors)
    if (names.has(webhook.name)) errors.push(duplicate(path.child('name'), webhook.name))
    names.add(webhook.name)
  }
  return errors
}

function validateWebhook(webhook: Webhook, path: FieldPath, errors: FieldError[]): void {
  const { name, rules = [], sideEffects, timeoutSeconds: seconds } = webhook
  if (!name) errors.push(required(path.child('name'), ''))
  else
    for (const fault of isFullyQualifiedName(name))
      errors.push(invalidValue(path.child('name'), name, fault))
  for (const [i, rule] of rules.entries()) validateRule(rule, path.child('rules').index(i), errors)
  const optional = (field: 'failurePolicy' | 'matchPolicy', ...values: string[]) => {
    if (webhook[field] !== undefined) oneOf(webhook[field], values, path.child(field), errors)
  }
  optional('failurePolicy', 'Fail', 'Ignore')
  optional('matchPolicy', 'Equivalent', 'Exact')
  const effects = path.child('sideEffects')
  if (!sideEffects) errors.push(required(effects, 'must specify one of None, NoneOnDryRun'))
  else oneOf(sideEffects, ['None', 'NoneOnDryRun'], effects, errors)
  if (seconds !== undefined && (seconds < 1 || seconds > TIMEOUT_SECONDS_MAX)) {
    const detail = `the timeout value must be between 1 and ${TIMEOUT_SECONDS_MAX} seconds`
    errors.push(invalidValue(path.child('timeoutSeconds'), seconds, detail))
  }
  for (const field of ['namespaceSelector', 'objectSelector'] as const)
    validateLabelSelector(webhook[field], path.child(field), errors)
  const { reinvocationPolicy } = webhook
  if (reinvocationPolicy !== undefined)
    oneOf(reinvocationPolicy, ['IfNeeded', 'Never'], path.child('reinvocationPolicy'), errors)
  validateWebhookClient(webhook.clientConfig, path.child('clientConfig'), errors)
  validateMatchConditions(webhook.matchConditions, path.child('matchConditions'), errors)
}

function validateReviewVersions(
  versions: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const known = REVIEW_VERSIONS.join(', ')
  if (versions.length === 0) {
    errors.push(required(path, `must specify one of ${known}`))
    return
  }
  const seen = new Set<string>()
  for (const [i, version] of versions.entries()) {
    if (seen.has(version)) errors.push(invalidValue(path.index(i), version, 'duplicate version'))
    seen.add(version)
    for (const fault of isDns1035Label(version))
      errors.push(invalidValue(path.index(i), version, fault))
  }
  if (!REVIEW_VERSIONS.some((version) => seen.has(version)))
    errors.push(invalidValue(path, versions, `must include at least one of ${known}`))
}

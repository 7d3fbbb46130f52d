import type {
  KubeObject,
  LabelSelector,
  MutatingAdmissionPolicy,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@miniplane/api'
import { ageColumn, column, nameColumn, table, UNSET } from './column.js'

export const webhooksTable = table<KubeObject & { webhooks?: unknown[] }>([
  nameColumn,
  column(
    'Webhooks',
    'integer',
    'Webhooks indicates the number of webhooks registered in this configuration',
    ({ webhooks }) => webhooks?.length ?? 0,
  ),
  ageColumn,
])

interface ParamKind {
  readonly apiVersion?: string
  readonly kind?: string
}

const PARAM_KIND = 'ParamKind specifies the kind of resources used to parameterize this policy'

const paramKindText = (kind: ParamKind | undefined) =>
  kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : UNSET

export const validatingPolicyTable = table<ValidatingAdmissionPolicy>([
  nameColumn,
  column(
    'Validations',
    'integer',
    'Validations indicates the number of validation rules defined in this configuration',
    ({ spec }) => spec.validations?.length ?? 0,
  ),
  column('ParamKind', 'string', PARAM_KIND, ({ spec }) => paramKindText(spec.paramKind)),
  ageColumn,
])

export const mutatingPolicyTable = table<MutatingAdmissionPolicy>([
  nameColumn,
  column(
    'Mutations',
    'integer',
    'Mutation indicates the number of mutations rules defined in this configuration',
    ({ spec }) => spec.mutations?.length ?? 0,
  ),
  column('ParamKind', 'string', PARAM_KIND, ({ spec }) => paramKindText(spec.paramKind)),
  ageColumn,
])

export const policyBindingTable = table<ValidatingAdmissionPolicyBinding>([
  nameColumn,
  column(
    'PolicyName',
    'string',
    'PolicyName indicates the policy definition which the policy binding binded to',
    ({ spec }) => spec.policyName ?? '',
  ),
  column(
    'ParamRef',
    'string',
    'ParamRef indicates the param resource which sets the configuration param',
    ({ spec }) => paramText(spec.paramRef),
  ),
  ageColumn,
])

function paramText({ namespace, name, selector }: Partial<ParamRef> = {}): string {
  if (name) return `${namespace || '*'}/${name}`
  return selector ? selectorText(selector) : UNSET
}

/** A selector as Go prints the message of it, which is what this column shows. */
function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const labels = Object.entries(matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const pairs = labels.map(([key, value]) => `${key}: ${value},`).join('')
  const rules = (matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`,
  )
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:[]LabelSelectorRequirement{${rules.join('')}},}`
}

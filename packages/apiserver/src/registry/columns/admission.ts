import type {
  KubeObject,
  MutatingAdmissionPolicy,
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

const paramKindText = (kind: ParamKind | undefined) =>
  kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : UNSET

export const validatingPolicyTable = table<ValidatingAdmissionPolicy>([
  nameColumn,
  column(
    'Validations',
    'integer',
    'The number of validation rules in this policy',
    ({ spec }) => spec.validations?.length ?? 0,
  ),
  column('ParamKind', 'string', 'The kind of the parameter resource of this policy', ({ spec }) =>
    paramKindText(spec.paramKind),
  ),
  ageColumn,
])

export const mutatingPolicyTable = table<MutatingAdmissionPolicy>([
  nameColumn,
  column(
    'Mutations',
    'integer',
    'The number of mutations in this policy',
    ({ spec }) => spec.mutations?.length ?? 0,
  ),
  column('ParamKind', 'string', 'The kind of the parameter resource of this policy', ({ spec }) =>
    paramKindText(spec.paramKind),
  ),
  ageColumn,
])

export const policyBindingTable = table<ValidatingAdmissionPolicyBinding>([
  nameColumn,
  column(
    'PolicyName',
    'string',
    'The policy that the binding binds.',
    ({ spec }) => spec.policyName ?? '',
  ),
  column('ParamRef', 'string', 'The parameter that the policy gets.', ({ spec }) => {
    const { namespace, name } = spec.paramRef ?? {}
    if (!spec.paramRef) return UNSET
    return namespace ? `${namespace}/${name ?? '*'}` : (name ?? '*')
  }),
  ageColumn,
])

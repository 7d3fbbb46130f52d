import {
  type FieldError,
  FieldPath,
  type FlowSchema,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  notSupported,
  required,
  semanticEqual,
} from '@miniplane/api'
import { mandatorySpec } from '../../bootstrap/flow-control.js'
import { flowSchemaTable } from '../columns/cluster.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, list, pointer, value } from '../validation/go-struct.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { namedConditions } from './named-conditions.js'
import { validateNonResourceRule, validateResourceRule } from './policy-rules.js'

const SPEC = FieldPath.of('spec')
const PRECEDENCE = 1000
const PRECEDENCE_MAX = 10_000
/** The one schema whose requests nobody holds up. */
const EXEMPT = 'exempt'

const subjectStruct = {
  Kind: '',
  User: pointer({ Name: '' }),
  Group: pointer({ Name: '' }),
  ServiceAccount: pointer({ Namespace: '', Name: '' }),
} as const
const resourceRuleStruct = {
  Verbs: null,
  APIGroups: null,
  Resources: null,
  ClusterScope: false,
  Namespaces: null,
} as const
const specStruct = {
  PriorityLevelConfiguration: value({ Name: '' }),
  MatchingPrecedence: 0,
  DistinguisherMethod: pointer({ Type: '' }),
  Rules: list({
    Subjects: list(subjectStruct),
    ResourceRules: list(resourceRuleStruct),
    NonResourceRules: list({ Verbs: null, NonResourceURLs: null }),
  }),
} as const

type Rule = NonNullable<FlowSchema['spec']['rules']>[number]
type Subject = NonNullable<Rule['subjects']>[number]

export const flowSchemas = defineStrategy<FlowSchema>({
  ...desiredState<FlowSchema>(),
  setDefaults({ spec }) {
    spec.matchingPrecedence ||= PRECEDENCE
  },
  validate: validateFlowSchema,
  validateUpdate: (draft) => validateFlowSchema(draft),
  table: flowSchemaTable,
  subresources: {
    status: statusSubresource<FlowSchema>({
      keep: KEEPS_METADATA,
      validate: ({ status }) => namedConditions(status),
    }),
  },
})

function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const errors: FieldError[] = []
  const { matchingPrecedence: precedence, distinguisherMethod: method } = spec
  const refuse = (detail: string) =>
    errors.push(invalidValue(SPEC.child('matchingPrecedence'), precedence, detail))
  if (precedence <= 0) refuse('must be a positive value')
  if (precedence > PRECEDENCE_MAX) refuse(`must not be greater than ${PRECEDENCE_MAX}`)
  if (precedence === 1 && metadata.name !== EXEMPT)
    refuse(`only the schema named '${EXEMPT}' may have matchingPrecedence 1`)
  if (method && !['ByNamespace', 'ByUser'].includes(method.type)) {
    const path = SPEC.child('distinguisherMethod', 'type')
    errors.push(notSupported(path, { Type: method.type }, ['ByNamespace', 'ByUser']))
  }
  const level = SPEC.child('priorityLevelConfiguration', 'name')
  const { name } = spec.priorityLevelConfiguration
  if (!name) errors.push(required(level, 'must reference a priority level'))
  else for (const fault of isDns1123Subdomain(name)) errors.push(invalidValue(level, name, fault))
  for (const [i, rule] of (spec.rules ?? []).entries())
    validateRule(rule, SPEC.child('rules').index(i), errors)
  const mandatory = mandatorySpec('FlowSchema', metadata.name)
  if (mandatory && !semanticEqual(spec, mandatory)) {
    const detail = `spec of '${metadata.name}' must equal the fixed value`
    errors.push(invalidValue(SPEC, goForm(spec, specStruct), detail))
  }
  return errors
}

function validateRule(rule: Rule, path: FieldPath, errors: FieldError[]): void {
  const { resourceRules = [], nonResourceRules = [] } = rule
  // What is always written is null when there is none.
  const subjects = rule.subjects ?? []
  if (subjects.length === 0)
    errors.push(required(path.child('subjects'), 'subjects must contain at least one value'))
  for (const [i, subject] of subjects.entries())
    validateSubject(subject, path.child('subjects').index(i), errors)
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    const detail = 'at least one of resourceRules and nonResourceRules has to be non-empty'
    errors.push(required(path, detail))
  }
  for (const [i, each] of resourceRules.entries())
    validateResourceRule(each, path.child('resourceRules').index(i), errors)
  for (const [i, each] of nonResourceRules.entries())
    validateNonResourceRule(each, path.child('nonResourceRules').index(i), errors)
}

const SUBJECTS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const

function validateSubject(subject: Subject, path: FieldPath, errors: FieldError[]): void {
  const { kind } = subject
  if (!oneOf(kind, Object.keys(SUBJECTS), path.child('kind'), errors)) return
  const own = SUBJECTS[kind as keyof typeof SUBJECTS]
  validateNamed(subject, kind, own, path.child(own), errors)
  for (const [other, field] of Object.entries(SUBJECTS)) {
    if (other === kind || !subject[field]) continue
    const detail = `${field} is forbidden when subject kind is not '${other}'`
    errors.push(forbiddenField(path.child(field), detail))
  }
}

function validateNamed(
  subject: Subject,
  kind: string,
  field: 'group' | 'serviceAccount' | 'user',
  path: FieldPath,
  errors: FieldError[],
): void {
  const named = subject[field]
  if (!named) {
    errors.push(required(path, `${field} is required when subject kind is '${kind}'`))
    return
  }
  if (!named.name) errors.push(required(path.child('name'), ''))
  if (field !== 'serviceAccount') return
  const { name, namespace } = subject.serviceAccount ?? {}
  if (name && name !== '*')
    for (const fault of isDns1123Subdomain(name))
      errors.push(invalidValue(path.child('name'), name, fault))
  if (!namespace) {
    errors.push(required(path.child('namespace'), 'must specify namespace for service account'))
  } else {
    for (const fault of isDns1123Label(namespace)) {
      errors.push(invalidValue(path.child('namespace'), namespace, fault))
    }
  }
}

import {
  aggregate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalid,
  invalidValue,
  isEqual,
  isQualifiedName,
  isValidLabelValue,
  type KubeObject,
  parseFieldSelector,
  parseLabelSelector,
  required,
  type SubjectAccessReview,
} from '@miniplane/api'
import type { AccessAttributes, Authorizer } from '../../authz/authorizer.js'
import type { UserInfo } from '../../pipeline/stage.js'
import { goForm } from '../../registry/validation/go-struct.js'

/** A SubjectAccessReview, or one about oneself, or one of a namespace. */
export type AccessReview = SubjectAccessReview & KubeObject

type Spec = SubjectAccessReview['spec']
type ResourceAttributes = NonNullable<Spec['resourceAttributes']>

export interface AccessQuestion {
  /** Of the review's kind. */
  readonly group: string
  readonly sent: AccessReview
  /** Who asks about himself. */
  readonly self?: UserInfo
  /** Where it is asked, when it is about that namespace alone. */
  readonly namespace?: string
}

const SPEC = FieldPath.of('spec')
const RESOURCE = SPEC.child('resourceAttributes')
const NON_RESOURCE = SPEC.child('nonResourceAttributes')
const nonResourceStruct = { Path: '', Verb: '' } as const

/** Whether somebody may do something. Throws when it isn't clear who or what is meant. */
export function accessReview(authorizer: Authorizer, question: AccessQuestion): KubeObject {
  const { sent, group, self, namespace } = question
  const errors = validate(question)
  if (errors.length > 0) throw invalid({ group, kind: '' }, '', errors)
  const { spec } = sent
  const user = self ?? userOf(spec)
  const { decision, reason } = authorizer.authorize(user, accessOf(spec))
  const problems = selectorProblems(spec.resourceAttributes)
  const status = {
    allowed: decision === 'allow',
    ...(reason && { reason }),
    ...(problems.length > 0 && { evaluationError: aggregate(problems) }),
  }
  const metadata = namespace === undefined ? sent.metadata : { ...sent.metadata, namespace }
  return { ...sent, metadata, status } as KubeObject
}

function userOf({ user: name = '', groups = [], uid, extra }: Spec): UserInfo {
  return { name, groups, ...(uid && { uid }), ...(extra && { extra }) }
}

function accessOf({ resourceAttributes, nonResourceAttributes }: Spec): AccessAttributes {
  const about = resourceAttributes ?? {}
  const { namespace = '', verb = '', group = '', name = '' } = about
  const { resource = '', subresource = '' } = about
  const isResource = nonResourceAttributes === undefined
  return {
    isResource,
    verb: isResource ? verb : (nonResourceAttributes.verb ?? ''),
    path: nonResourceAttributes?.path ?? '',
    group,
    namespace,
    resource,
    subresource,
    name,
    fieldSelector: fieldSelectorOf(about),
  }
}

/** As in a query; what cannot be said there narrows nothing. */
function fieldSelectorOf({ fieldSelector }: ResourceAttributes): string {
  if (!fieldSelector) return ''
  if (fieldSelector.rawSelector) return fieldSelector.rawSelector
  return (fieldSelector.requirements ?? [])
    .filter(({ operator, values }) => operator === 'In' && values?.length === 1)
    .map(({ key, values }) => `${key}=${values?.[0]}`)
    .join(',')
}

function validate({ sent, self, namespace }: AccessQuestion): FieldError[] {
  const { metadata, spec } = sent
  const { resourceAttributes, nonResourceAttributes, user, groups } = spec
  const errors: FieldError[] = []
  if (resourceAttributes && nonResourceAttributes) {
    const detail = 'cannot be specified in combination with resourceAttributes'
    errors.push(
      invalidValue(NON_RESOURCE, goForm(nonResourceAttributes, nonResourceStruct), detail),
    )
  } else if (!resourceAttributes && !nonResourceAttributes) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
    errors.push(invalidValue(RESOURCE, null, detail))
  }
  if (!self && !user && !groups?.length) {
    const detail = 'at least one of user or group must be specified'
    errors.push(invalidValue(SPEC.child('user'), user ?? '', detail))
  }
  validateSelectors(resourceAttributes, errors)
  const { managedFields: _, namespace: own, ...rest } = metadata
  const isLocal = namespace !== undefined
  if (!isEqual(rest, {}) || (own && !isLocal)) {
    const detail = isLocal ? 'must be empty except for namespace' : 'must be empty'
    errors.push(invalidValue(FieldPath.of('metadata'), metadata, detail))
  }
  if (isLocal) validateLocal(spec, namespace, errors)
  return errors
}

function validateLocal(
  { resourceAttributes, nonResourceAttributes }: Spec,
  namespace: string,
  errors: FieldError[],
): void {
  const asked = resourceAttributes?.namespace ?? ''
  if (resourceAttributes && asked !== namespace) {
    const detail = 'must match metadata.namespace'
    errors.push(invalidValue(RESOURCE.child('namespace'), asked, detail))
  }
  if (nonResourceAttributes) {
    const form = goForm(nonResourceAttributes, nonResourceStruct)
    errors.push(invalidValue(NON_RESOURCE, form, 'disallowed on this kind of request'))
  }
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist']

function validateSelectors(
  { fieldSelector, labelSelector }: ResourceAttributes = {},
  errors: FieldError[],
): void {
  for (const [name, selector] of [
    ['fieldSelector', fieldSelector],
    ['labelSelector', labelSelector],
  ] as const) {
    if (!selector) continue
    const path = RESOURCE.child(name)
    const { rawSelector = '', requirements = [] } = selector
    if (rawSelector && requirements.length > 0) {
      const detail = 'may not specified at the same time as requirements'
      errors.push(invalidValue(path.child('rawSelector'), rawSelector, detail))
    } else if (!rawSelector && requirements.length === 0) {
      const detail = `when ${path} is specified, requirements or rawSelector is required`
      errors.push(required(path.child('requirements'), detail))
    }
    for (const [i, { key, operator, values = [] }] of requirements.entries()) {
      const at = path.child('requirements').index(i)
      const isLabel = name === 'labelSelector'
      if (!key && !isLabel) errors.push(required(at.child('key'), 'must be specified'))
      const wantsValues = operator === 'In' || operator === 'NotIn'
      if (wantsValues && values.length === 0) {
        const detail = "must be specified when `operator` is 'In' or 'NotIn'"
        errors.push(required(at.child('values'), detail))
      } else if (!wantsValues && OPERATORS.includes(operator) && values.length > 0) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.push(forbiddenField(at.child('values'), detail))
      }
      if (isLabel)
        for (const fault of isQualifiedName(key))
          errors.push(invalidValue(at.child('key'), key, fault))
      for (const [j, value] of isLabel ? values.entries() : [])
        for (const fault of isValidLabelValue(value))
          errors.push(invalidValue(at.child('values').index(j), value, fault))
    }
  }
}

/** A selector that nobody understands narrows nothing; the answer says so. */
function selectorProblems({ fieldSelector, labelSelector }: ResourceAttributes = {}): string[] {
  const isFaulty = (
    selector: ResourceAttributes['fieldSelector'],
    parse: (text: string) => unknown,
  ) =>
    selector?.requirements?.some(({ operator }) => !OPERATORS.includes(operator)) ||
    (selector?.rawSelector && fails(() => parse(selector.rawSelector ?? '')))
  const ignored = (name: string) => `spec.resourceAttributes.${name} ignored due to parse error`
  return [
    ...(isFaulty(fieldSelector, parseFieldSelector) ? [ignored('fieldSelector')] : []),
    ...(isFaulty(labelSelector, parseLabelSelector) ? [ignored('labelSelector')] : []),
  ]
}

function fails(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch (error) {
    if (error instanceof Error) return true
    throw error
  }
}

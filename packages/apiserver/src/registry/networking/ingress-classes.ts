import {
  type FieldError,
  FieldPath,
  forbiddenField,
  type IngressClass,
  invalidValue,
  isDns1123Label,
  required,
  tooLong,
} from '@miniplane/api'
import { ingressClassTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { validateDomainPrefixedPath } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { validateObjectReference } from './object-reference.js'

const CONTROLLER_CHARACTERS_MAX = 250
const CONTROLLER = FieldPath.of('spec', 'controller')
const PARAMETERS = FieldPath.of('spec', 'parameters')

export const ingressClasses = defineStrategy<IngressClass>({
  setDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  ...desiredState<IngressClass>(),
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    immutableField(draft.spec?.controller ?? '', stored.spec?.controller, CONTROLLER, errors)
    return [...errors, ...validateClass(draft)]
  },
  table: ingressClassTable,
})

function validateClass({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  const { controller = '', parameters } = spec ?? {}
  if (controller.length > CONTROLLER_CHARACTERS_MAX) {
    errors.push(tooLong(CONTROLLER, '', CONTROLLER_CHARACTERS_MAX))
  }
  validateDomainPrefixedPath(controller, CONTROLLER, errors)
  if (!parameters) return errors
  validateObjectReference(parameters, PARAMETERS, errors)
  const { scope } = parameters
  const namespace = parameters.namespace ?? undefined
  if (!oneOf(scope ?? undefined, ['Cluster', 'Namespace'], PARAMETERS.child('scope'), errors))
    return errors
  const at = PARAMETERS.child('namespace')
  if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(forbiddenField(at, "`parameters.scope` is set to 'Cluster'"))
  } else if (scope === 'Namespace' && namespace === undefined) {
    errors.push(required(at, "`parameters.scope` is set to 'Namespace'"))
  } else if (namespace !== undefined) {
    for (const fault of isDns1123Label(namespace)) errors.push(invalidValue(at, namespace, fault))
  }
  return errors
}

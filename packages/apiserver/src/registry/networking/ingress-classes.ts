import {
  type FieldError,
  FieldPath,
  forbiddenField,
  type IngressClass,
  invalidValue,
  isDomainPrefixedPath,
  required,
} from '@miniplane/api'
import { ingressClassTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'

const CONTROLLER = FieldPath.of('spec', 'controller')
const PARAMETERS = FieldPath.of('spec', 'parameters')

export const ingressClasses = defineStrategy<IngressClass>({
  setDefaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  ...desiredState<IngressClass>(),
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors = validateClass(draft)
    immutableField(draft.spec?.controller, stored.spec?.controller, CONTROLLER, errors)
    return errors
  },
  table: ingressClassTable,
})

function validateClass({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  const { controller, parameters } = spec ?? {}
  if (!controller) errors.push(required(CONTROLLER, ''))
  else {
    for (const fault of isDomainPrefixedPath(controller)) {
      errors.push(invalidValue(CONTROLLER, controller, fault))
    }
  }
  if (!parameters) return errors
  for (const field of ['kind', 'name'] as const) {
    if (!parameters[field]) errors.push(required(PARAMETERS.child(field), `${field} is required`))
  }
  const { scope, namespace } = parameters
  oneOf(scope ?? '', ['Cluster', 'Namespace'], PARAMETERS.child('scope'), errors)
  const at = PARAMETERS.child('namespace')
  if (scope === 'Namespace' && !namespace) {
    errors.push(required(at, "`parameters.scope` is set to 'Namespace'"))
  } else if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(forbiddenField(at, "`parameters.scope` is set to 'Cluster'"))
  }
  return errors
}

import { type FieldError, FieldPath, forbiddenField, type PriorityClass } from '@miniplane/api'
import { priorityClassTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { validatePreemptionPolicy } from '../validation/pod-spec.js'

const USER_VALUE_MAX = 1_000_000_000
const SYSTEM_PREFIX = 'system-'

/** The classes that the server brings itself; only these may have the prefix. */
export const SYSTEM_CLASSES: Readonly<Record<string, { value: number; description: string }>> = {
  'system-cluster-critical': {
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  'system-node-critical': {
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
}

export const priorityClasses = defineStrategy<PriorityClass>({
  setDefaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  prepareForCreate({ metadata }) {
    metadata.generation = 1
  },
  validate: validateClass,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    if (draft.value !== stored.value) {
      errors.push(forbiddenField(FieldPath.of('value'), 'may not be changed in an update.'))
    }
    const path = FieldPath.of('preemptionPolicy')
    immutableField(draft.preemptionPolicy, stored.preemptionPolicy, path, errors)
    return errors
  },
  refusesDelete: (name) =>
    SYSTEM_CLASSES[name] && 'this is a system priority class and cannot be deleted',
  table: priorityClassTable,
})

function validateClass(one: PriorityClass): FieldError[] {
  const errors: FieldError[] = []
  const name = one.metadata.name ?? ''
  const system = SYSTEM_CLASSES[name]
  if (name.startsWith(SYSTEM_PREFIX)) {
    const fault = systemFault(one, system)
    if (fault !== undefined) {
      const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${fault}`
      errors.push(forbiddenField(FieldPath.of('metadata', 'name'), detail))
    }
  } else if (one.value > USER_VALUE_MAX) {
    const detail = `maximum allowed value of a user defined priority is ${USER_VALUE_MAX}`
    errors.push(forbiddenField(FieldPath.of('value'), detail))
  }
  if (one.preemptionPolicy !== undefined) {
    validatePreemptionPolicy(one.preemptionPolicy, FieldPath.of('preemptionPolicy'), errors)
  }
  return errors
}

function systemFault(
  { metadata, value, globalDefault }: PriorityClass,
  system: { value: number } | undefined,
): string | undefined {
  const { name } = metadata
  if (!system) return `${name} is not a known system priority class`
  if (value !== system.value) {
    return `value of ${name} PriorityClass must be ${system.value}`
  }
  if (globalDefault) return `globalDefault of ${name} PriorityClass must be false`
  return undefined
}

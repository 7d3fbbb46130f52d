import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  ipFamilyOf,
  isQualifiedName,
  isValidLabelValue,
  type Node,
  required,
  semanticEqual,
  type Taint,
} from '@miniplane/api'
import { nodeTable } from '../columns/core.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { cidrFaults } from '../validation/ip.js'
import { oneOf } from '../validation/object-meta.js'
import { sortedNames, validateResourceQuantity } from '../validation/resources.js'
import { TAINT_EFFECTS } from '../validation/scheduling.js'

const SPEC = FieldPath.of('spec')
const STATUS = FieldPath.of('status')
/** Taints are reported where they once were: in an annotation. */
const TAINTS = FieldPath.of('metadata', 'taints')

export const nodes = defineStrategy<Node>({
  setDefaults({ spec, status }) {
    alignCidrs(spec)
    if (status.capacity) {
      status.allocatable ??= {}
      for (const name in status.capacity) {
        status.allocatable[name] ??= status.capacity[name] as string
      }
    }
  },
  keepsStatusOnCreate: true,
  prepareForCreate({ spec, status }) {
    delete spec.configSource
    delete status.config
  },
  prepareForUpdate(draft, stored) {
    draft.status = stored.status
    if (!stored.spec.configSource) delete draft.spec.configSource
    // Leaving the addresses out is not taking them away.
    if (!draft.spec.podCIDRs && stored.spec.podCIDRs) {
      draft.spec.podCIDRs = stored.spec.podCIDRs
      alignCidrs(draft.spec)
    }
  },
  validate: (node) => [...validateTaints(node), ...validateAmounts(node), ...validateCidrs(node)],
  validateUpdate(draft, stored) {
    const taints = validateTaints(draft)
    // The real server looks at the whole, and then at the change.
    const errors = [...taints, ...validateAmounts(draft), ...validateCidrs(draft)]
    errors.push(...validateStatus(draft))
    const [before, after] = [stored.spec, draft.spec]
    if (before.podCIDRs?.length && !semanticEqual(before.podCIDRs, after.podCIDRs)) {
      const detail = 'node updates may not change podCIDR except from "" to valid'
      errors.push(forbiddenField(SPEC.child('podCIDRs'), detail))
    }
    if (before.providerID && before.providerID !== after.providerID) {
      const detail = 'node updates may not change providerID except from "" to valid'
      errors.push(forbiddenField(SPEC.child('providerID'), detail))
    }
    errors.push(...taints)
    if ((before.externalID ?? '') !== (after.externalID ?? '')) {
      errors.push(forbiddenField(SPEC.child('externalID'), 'may not be updated'))
    }
    return errors
  },

  warningsOnCreate: deprecatedFields,
  warningsOnUpdate: (draft) => deprecatedFields(draft),
  selectableFields: { 'spec.unschedulable': ({ spec }) => `${spec.unschedulable ?? false}` },
  table: nodeTable,
  subresources: {
    status: statusSubresource<Node>({
      prepare({ status }, stored) {
        if (!stored.status.config) delete status.config
      },
      validate: validateStatus,
    }),
  },
})

function deprecatedFields({ spec }: Node): string[] {
  return [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID
      ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes']
      : []),
  ]
}

/** The first of `podCIDRs` is `podCIDR`; a client may write either. */
function alignCidrs(spec: Node['spec']): void {
  const first = spec.podCIDRs?.[0]
  if (spec.podCIDR && !first) spec.podCIDRs = [spec.podCIDR]
  else if (first && !spec.podCIDR) spec.podCIDR = first
  else if (spec.podCIDR && first && spec.podCIDR !== first) spec.podCIDRs = [spec.podCIDR]
}

const taintStruct = { Key: '', Value: '', Effect: '', TimeAdded: null } as const

function validateTaints({ spec }: Node): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  for (const [i, taint] of (spec.taints ?? []).entries()) {
    const path = TAINTS.index(i)
    validateTaint(taint, path, errors)
    const pair = `${taint.key}:${taint.effect}`
    if (taken.has(pair)) {
      const error = duplicate(path, goForm(taint, taintStruct))
      const detail = 'taints must be unique by key and effect pair'
      errors.push({ ...error, message: `${error.message}: ${detail}` })
    }
    taken.add(pair)
  }
  return errors
}

function validateTaint({ key, value = '', effect }: Taint, path: FieldPath, errors: FieldError[]) {
  for (const fault of isQualifiedName(key)) errors.push(invalidValue(path.child('key'), key, fault))
  const faults = isValidLabelValue(value)
  if (faults.length > 0) errors.push(invalidValue(path.child('value'), value, faults.join(';')))
  if (!effect) errors.push(required(path.child('effect'), ''))
  else oneOf(effect, TAINT_EFFECTS, path.child('effect'), errors)
}

function validateCidrs({ spec }: Node): FieldError[] {
  const errors: FieldError[] = []
  const cidrs = spec.podCIDRs ?? []
  const path = SPEC.child('podCIDRs')
  for (const [i, cidr] of cidrs.entries()) {
    for (const fault of cidrFaults(cidr)) errors.push(invalidValue(path.index(i), cidr, fault))
  }
  const families = cidrs.map((cidr) => ipFamilyOf(cidr.split('/')[0] ?? ''))
  if (cidrs.length > 2 || new Set(families).size < families.length) {
    errors.push(invalidValue(path, cidrs, 'may specify no more than one CIDR for each IP family'))
  }
  return errors
}

function validateStatus(node: Node): FieldError[] {
  const { status } = node
  const errors = validateAmounts(node)
  const seen = new Set<string>()
  for (const [i, { type, address }] of (status.addresses ?? []).entries()) {
    const key = `${type}/${address}`
    if (seen.has(key)) {
      errors.push(duplicate(STATUS.child('addresses').index(i), { Type: type, Address: address }))
    }
    seen.add(key)
  }
  return errors
}

function validateAmounts({ status }: Node): FieldError[] {
  const errors: FieldError[] = []
  for (const kind of ['capacity', 'allocatable'] as const) {
    for (const name of sortedNames(status[kind] ?? {})) {
      // These paths have a dot where others have brackets.
      const path = STATUS.child(kind, name)
      validateResourceQuantity(name, status[kind]?.[name] ?? '0', path, errors)
    }
  }
  return errors
}

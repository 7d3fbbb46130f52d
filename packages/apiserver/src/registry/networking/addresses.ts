import {
  type FieldError,
  FieldPath,
  type IPAddress,
  invalidValue,
  ipFamilyOf,
  isDns1123Subdomain,
  isValidCidr,
  required,
  type ServiceCIDR,
  semanticEqual,
} from '@miniplane/api'
import { ipAddressTable, serviceCidrTable } from '../columns/cluster.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { canonicalIPFaults, validateCanonicalCidr } from '../validation/ip.js'
import { pathSegmentName } from '../validation/names.js'

const IMMUTABLE = 'field is immutable'
const CIDRS = FieldPath.of('spec', 'cidrs')
const PARENT = FieldPath.of('spec', 'parentRef')
const parentStruct = { Group: '', Resource: '', Namespace: '', Name: '' } as const

export const serviceCidrs = defineStrategy<ServiceCIDR>({
  validate: validateCidrs,
  validateUpdate: (draft, stored) => cidrsUpdate(draft, stored.spec.cidrs ?? []),
  table: serviceCidrTable,
  subresources: { status: statusSubresource<ServiceCIDR>({ keep: KEEPS_METADATA }) },
})

/** A range stays what it is; one of the other family may join it. */
function cidrsUpdate(draft: ServiceCIDR, before: readonly string[]): FieldError[] {
  const after = draft.spec.cidrs ?? []
  const fixed = (i: number) =>
    after[i] === before[i] ? [] : [invalidValue(CIDRS.index(i), after[i], IMMUTABLE)]
  if (after.length === before.length) return after.flatMap((_, i) => fixed(i))
  if (before.length === 1 && after.length === 2) return [...fixed(0), ...validateCidrs(draft)]
  return [invalidValue(CIDRS, after.length > 0 ? after : (draft.spec.cidrs ?? null), IMMUTABLE)]
}

function validateCidrs({ spec }: ServiceCIDR): FieldError[] {
  const errors: FieldError[] = []
  const cidrs = spec.cidrs ?? []
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')]
  if (cidrs.length > 2)
    return [invalidValue(CIDRS, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  for (const [i, cidr] of cidrs.entries()) validateCanonicalCidr(cidr, CIDRS.index(i), errors)
  const [one, other] = cidrs.map((cidr) =>
    isValidCidr(cidr).length > 0 ? undefined : ipFamilyOf(cidr.split('/')[0] ?? ''),
  )
  if (one !== undefined && one === other) {
    const detail =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(invalidValue(CIDRS, cidrs, detail))
  }
  return errors
}

export const ipAddresses = defineStrategy<IPAddress>({
  validateName: (name) => canonicalIPFaults(name),
  validate: validateAddress,
  validateUpdate(draft, stored) {
    const errors = validateAddress(draft)
    if (semanticEqual(draft.spec.parentRef, stored.spec.parentRef)) return errors
    const form = draft.spec.parentRef ? goForm(draft.spec.parentRef, parentStruct) : null
    return [...errors, invalidValue(PARENT, form, IMMUTABLE)]
  },
  table: ipAddressTable,
})

function validateAddress({ spec }: IPAddress): FieldError[] {
  const errors: FieldError[] = []
  const parent = spec.parentRef
  if (!parent) return [required(PARENT, '')]
  for (const fault of parent.group ? isDns1123Subdomain(parent.group) : []) {
    errors.push(invalidValue(PARENT.child('group'), parent.group, fault))
  }
  for (const field of ['resource', 'name', 'namespace'] as const) {
    const value = parent[field]
    if (!value && field !== 'namespace') errors.push(required(PARENT.child(field), ''))
    for (const fault of value ? pathSegmentName(value, false) : []) {
      errors.push(invalidValue(PARENT.child(field), value, fault))
    }
  }
  return errors
}

import {
  type FieldError,
  FieldPath,
  type IPAddress,
  invalidValue,
  ipFamilyOf,
  isDns1123Subdomain,
  required,
  type ServiceCIDR,
  semanticEqual,
} from '@miniplane/api'
import { ipAddressTable, serviceCidrTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm } from '../validation/go-struct.js'
import { canonicalIPFaults, validateCanonicalCidr } from '../validation/ip.js'
import { pathSegmentName } from '../validation/names.js'

const CIDRS = FieldPath.of('spec', 'cidrs')
const PARENT = FieldPath.of('spec', 'parentRef')
const parentStruct = { Group: '', Resource: '', Namespace: '', Name: '' } as const

export const serviceCidrs = defineStrategy<ServiceCIDR>({
  validate: validateCidrs,
  validateUpdate(draft, stored) {
    if (semanticEqual(draft.spec.cidrs, stored.spec.cidrs)) return []
    return [invalidValue(CIDRS, draft.spec.cidrs, 'field is immutable')]
  },
  table: serviceCidrTable,
  subresources: { status: statusSubresource<ServiceCIDR>() },
})

function validateCidrs({ spec }: ServiceCIDR): FieldError[] {
  const errors: FieldError[] = []
  const cidrs = spec.cidrs ?? []
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalidValue(CIDRS, cidrs, 'may only hold up to 2 values')]
  const families = cidrs.map((cidr) => ipFamilyOf(cidr.split('/')[0] ?? ''))
  if (families.length === 2 && families[0] === families[1]) {
    const detail =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    return [invalidValue(CIDRS, cidrs, detail)]
  }
  for (const [i, cidr] of cidrs.entries()) validateCanonicalCidr(cidr, CIDRS.index(i), errors)
  return errors
}

export const ipAddresses = defineStrategy<IPAddress>({
  validateName: (name) => canonicalIPFaults(name),
  validate({ spec }) {
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
  },
  validateUpdate(draft, stored) {
    if (semanticEqual(draft.spec.parentRef, stored.spec.parentRef)) return []
    const form = goForm(draft.spec.parentRef, parentStruct)
    return [invalidValue(PARENT, form, 'field is immutable')]
  },
  table: ipAddressTable,
})

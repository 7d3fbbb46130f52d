import {
  type FieldError,
  FieldPath,
  type IPAddress,
  invalidValue,
  ipFamilyOf,
  isValidCidr,
  isValidIP,
  required,
  type ServiceCIDR,
  semanticEqual,
} from '@miniplane/api'
import { ipAddressTable, serviceCidrTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { hasHostBits } from '../validation/cidr.js'
import { goForm } from '../validation/go-struct.js'

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
  const families = cidrs.map((cidr) => ipFamilyOf(cidr.split('/')[0] ?? ''))
  if (cidrs.length > 2 || new Set(families).size < families.length) {
    const detail =
      'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    return [invalidValue(CIDRS, cidrs, detail)]
  }
  for (const [i, cidr] of cidrs.entries()) {
    const faults = isValidCidr(cidr)
    for (const fault of faults) errors.push(invalidValue(CIDRS.index(i), cidr, fault))
    if (faults.length === 0 && hasHostBits(cidr)) {
      const detail = 'must not have bits set beyond the prefix length'
      errors.push(invalidValue(CIDRS.index(i), cidr, detail))
    }
  }
  return errors
}

export const ipAddresses = defineStrategy<IPAddress>({
  validateName: (name) => isValidIP(name),
  validate({ spec }) {
    const errors: FieldError[] = []
    const parent = spec.parentRef
    if (!parent) return [required(PARENT, '')]
    if (!parent.resource) errors.push(required(PARENT.child('resource'), ''))
    if (!parent.name) errors.push(required(PARENT.child('name'), ''))
    return errors
  },
  validateUpdate(draft, stored) {
    if (semanticEqual(draft.spec.parentRef, stored.spec.parentRef)) return []
    const form = goForm(draft.spec.parentRef, parentStruct)
    return [invalidValue(PARENT, form, 'field is immutable')]
  },
  table: ipAddressTable,
})

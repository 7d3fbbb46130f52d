import {
  duplicate,
  type Endpoint,
  type EndpointSlice,
  type FieldError,
  FieldPath,
  invalidValue,
  ipFamilyOf,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
  required,
  semanticEqual,
  tooMany,
} from '@miniplane/api'
import { endpointSliceTable } from '../columns/cluster.js'
import { followGeneration } from '../generation.js'
import { defineStrategy } from '../strategy.js'
import { validateEndpointIP } from '../validation/endpoint-ip.js'
import { immutableField } from '../validation/immutable.js'
import { canonicalIPFaults, ipFaults, ipWarnings } from '../validation/ip.js'
import { oneOf } from '../validation/object-meta.js'

const ENDPOINTS_MAX = 1000
const PORTS_MAX = 20000
const ADDRESSES_MAX = 100
const HINTS_MAX = 8
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const ENDPOINTS = FieldPath.of('endpoints')
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const OUR_CONTROLLERS = [
  'endpointslice-controller.k8s.io',
  'endpointslicemirroring-controller.k8s.io',
]
// There is no `spec`; the real server says so all the same.
const FQDN_WARNING = 'spec.addressType: FQDN endpoints are deprecated'

export const endpointSlices = defineStrategy<EndpointSlice>({
  setDefaults({ ports, endpoints }) {
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {}
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1
    dropTopology(draft)
  },
  prepareForUpdate(draft, stored) {
    dropTopology(draft)
    followGeneration(draft, stored, ({ addressType, endpoints, ports, metadata }) => [
      addressType,
      endpoints,
      ports,
      metadata.labels,
    ])
  },
  validate: validateSlice,
  validateUpdate(draft, stored) {
    // What older servers let pass stays as long as nobody touches it.
    const isUntouched = semanticEqual(draft.endpoints, stored.endpoints)
    const errors = validateSlice(isUntouched ? { ...draft, endpoints: [] } : draft)
    immutableField(draft.addressType, stored.addressType, FieldPath.of('addressType'), errors)
    return errors
  },
  warningsOnCreate(slice) {
    const { addressType } = slice
    return [...(addressType === 'FQDN' ? [FQDN_WARNING] : []), ...addressWarnings(slice)]
  },
  warningsOnUpdate: (draft) => addressWarnings(draft),
  table: endpointSliceTable,
})

/** Of an older version; nobody can write it any more. */
function dropTopology({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology
}

/** Nobody reads what the controllers that make most of them would be told. */
function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (OUR_CONTROLLERS.includes(metadata.labels?.[MANAGED_BY] ?? '')) return []
  return (endpoints ?? []).flatMap(({ addresses }, i) =>
    (addresses ?? []).flatMap((address, j) =>
      ipWarnings(address, ENDPOINTS.index(i).child('addresses').index(j)),
    ),
  )
}

function validateSlice({ addressType, endpoints, ports }: EndpointSlice): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('addressType')
  if (!addressType) errors.push(required(path, ''))
  else oneOf(addressType, ADDRESS_TYPES, path, errors)
  validatePorts(ports ?? [], errors)
  validateEndpoints(endpoints ?? [], addressType, errors)
  return errors
}

function validateEndpoints(
  endpoints: readonly Endpoint[],
  type: string,
  errors: FieldError[],
): void {
  if (endpoints.length > ENDPOINTS_MAX) {
    errors.push(tooMany(ENDPOINTS, endpoints.length, ENDPOINTS_MAX))
    return
  }
  for (const [i, endpoint] of endpoints.entries()) {
    validateEndpoint(endpoint, type, ENDPOINTS.index(i), errors)
  }
}

function validateEndpoint(
  endpoint: Endpoint,
  type: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const addresses = endpoint.addresses ?? []
  const at = path.child('addresses')
  if (addresses.length === 0) errors.push(required(at, 'must contain at least 1 address'))
  if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(at, addresses.length, ADDRESSES_MAX))
  for (const [i, address] of addresses.entries()) {
    validateAddress(address, type, at, i, errors)
  }
  if (endpoint.nodeName !== undefined) {
    for (const fault of isDns1123Subdomain(endpoint.nodeName)) {
      errors.push(invalidValue(path.child('nodeName'), endpoint.nodeName, fault))
    }
  }
  if (endpoint.hostname !== undefined) {
    for (const fault of isDns1123Label(endpoint.hostname)) {
      errors.push(invalidValue(path.child('hostname'), endpoint.hostname, fault))
    }
  }
  validateHints(endpoint.hints, path.child('hints'), errors)
}

/** Too many of one kind leave the other kind unread. */
function validateHints(hints: Endpoint['hints'], path: FieldPath, errors: FieldError[]): void {
  const rules = { forZones: isValidLabelValue, forNodes: isDns1123Subdomain } as const
  for (const field of ['forZones', 'forNodes'] as const) {
    const targets = hints?.[field] ?? []
    const at = path.child(field)
    if (targets.length > HINTS_MAX) {
      errors.push(tooMany(at, targets.length, HINTS_MAX))
      return
    }
    const names = new Set<string>()
    for (const [i, { name = '' }] of targets.entries()) {
      const one = at.index(i).child('name')
      if (names.has(name)) errors.push(duplicate(one, name))
      names.add(name)
      for (const fault of rules[field](name)) errors.push(invalidValue(one, name, fault))
    }
  }
}

/** Of no known type an address is anything. */
function validateAddress(
  address: string,
  type: string,
  path: FieldPath,
  at: number,
  errors: FieldError[],
): void {
  if (type === 'FQDN') validateHost(address, path.index(at), errors)
  if (type !== 'IPv4' && type !== 'IPv6') return
  // The newer family was strict from the beginning.
  const faults = type === 'IPv6' ? canonicalIPFaults(address) : ipFaults(address)
  for (const fault of faults) errors.push(invalidValue(path.index(at), address, fault))
  if (faults.length > 0) return
  if (ipFamilyOf(address) !== (type === 'IPv4' ? 4 : 6)) {
    errors.push(invalidValue(path, address, `must be an ${type} address`))
  }
  validateEndpointIP(address, path.index(at), errors)
}

/** A name below some domain; the first fault is told. */
function validateHost(address: string, path: FieldPath, errors: FieldError[]): void {
  if (address === '') {
    errors.push(required(path, ''))
    return
  }
  const name = address.replace(/\.$/, '')
  const faults = isDns1123Subdomain(name)
  const wrong = name.split('.').find((label) => isDns1123Label(label).length > 0)
  if (faults.length > 0) errors.push(invalidValue(path, name, faults.join(',')))
  else if (!name.includes('.')) {
    const detail = 'should be a domain with at least two segments separated by dots'
    errors.push(invalidValue(path, name, detail))
  } else if (wrong !== undefined) {
    errors.push(invalidValue(path, wrong, isDns1123Label(wrong).join(',')))
  }
}

function validatePorts(ports: NonNullable<EndpointSlice['ports']>, errors: FieldError[]): void {
  const path = FieldPath.of('ports')
  if (ports.length > PORTS_MAX) {
    errors.push(tooMany(path, ports.length, PORTS_MAX))
    return
  }
  const names = new Set<string>()
  for (const [i, { name = '', protocol = '', appProtocol }] of ports.entries()) {
    const at = path.index(i)
    for (const fault of name ? isDns1123Label(name) : []) {
      errors.push(invalidValue(at.child('name'), name, fault))
    }
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    names.add(name)
    oneOf(protocol, PROTOCOLS, at.child('protocol'), errors)
    if (appProtocol !== undefined) {
      for (const fault of isQualifiedName(appProtocol)) {
        errors.push(invalidValue(at.child('appProtocol'), appProtocol, fault))
      }
    }
  }
}

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
  tooLong,
  tooMany,
} from '@miniplane/api'
import { endpointSliceTable } from '../columns/cluster.js'
import { followGeneration } from '../generation.js'
import { defineStrategy } from '../strategy.js'
import { validateEndpointIP } from '../validation/endpoint-ip.js'
import { immutableField } from '../validation/immutable.js'
import { oneOf } from '../validation/object-meta.js'

const ENDPOINTS_MAX = 1000
const PORTS_MAX = 20000
const ADDRESSES_MAX = 100
const NAME_CHARACTERS_MAX = 63
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export const endpointSlices = defineStrategy<EndpointSlice>({
  setDefaults({ ports, endpoints }) {
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {}
  },
  prepareForCreate({ metadata }) {
    metadata.generation = 1
  },
  prepareForUpdate(draft, stored) {
    followGeneration(draft, stored, ({ addressType, endpoints, ports, metadata }) => [
      addressType,
      endpoints,
      ports,
      metadata.labels,
    ])
  },
  validate: validateSlice,
  validateUpdate(draft, stored) {
    const isRetyped = draft.addressType !== stored.addressType
    // Addresses of another family are no use to look at when the family may not change.
    const errors = isRetyped ? [] : validateSlice(draft)
    immutableField(draft.addressType, stored.addressType, FieldPath.of('addressType'), errors)
    return errors
  },
  table: endpointSliceTable,
})

function validateSlice({ addressType, endpoints, ports }: EndpointSlice): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('addressType')
  if (!addressType) errors.push(required(path, ''))
  // An unknown type says nothing about addresses.
  else if (oneOf(addressType, ADDRESS_TYPES, path, errors)) {
    validateEndpoints(endpoints ?? [], addressType, errors)
  }
  validatePorts(ports ?? [], errors)
  return errors
}

function validateEndpoints(
  endpoints: readonly Endpoint[],
  type: string,
  errors: FieldError[],
): void {
  const path = FieldPath.of('endpoints')
  if (endpoints.length > ENDPOINTS_MAX) {
    errors.push(tooMany(path, endpoints.length, ENDPOINTS_MAX))
    return
  }
  for (const [i, endpoint] of endpoints.entries()) {
    validateEndpoint(endpoint, type, path.index(i), errors)
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
  for (const [i, zone] of (endpoint.hints?.forZones ?? []).entries()) {
    for (const fault of isValidLabelValue(zone.name)) {
      const name = path.child('hints', 'forZones').index(i).child('name')
      errors.push(invalidValue(name, zone.name, fault))
    }
  }
}

function validateAddress(
  address: string,
  type: string,
  path: FieldPath,
  at: number,
  errors: FieldError[],
): void {
  if (type === 'FQDN') {
    for (const fault of isDns1123Subdomain(address)) {
      errors.push(invalidValue(path.index(at), address, fault))
    }
    return
  }
  const family = type === 'IPv4' ? 4 : 6
  if (ipFamilyOf(address) !== family) {
    errors.push(invalidValue(path, address, `must be an ${type} address`))
    return
  }
  validateEndpointIP(address, path.index(at), errors)
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
    if (name.length > NAME_CHARACTERS_MAX) {
      errors.push(tooLong(at.child('name'), name, NAME_CHARACTERS_MAX))
    } else if (name) {
      for (const fault of isDns1123Label(name)) {
        errors.push(invalidValue(at.child('name'), name, fault))
      }
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

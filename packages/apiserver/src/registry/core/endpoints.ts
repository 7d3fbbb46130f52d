import {
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  type Endpoints,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  required,
  semanticEqual,
} from '@miniplane/api'
import { endpointsTable } from '../columns/core.js'
import { defineStrategy } from '../strategy.js'
import { validateEndpointIP } from '../validation/endpoint-ip.js'
import { ipFaults, ipWarnings } from '../validation/ip.js'
import { portNumber } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'

export const endpoints = defineStrategy<Endpoints>({
  setDefaults({ subsets }) {
    for (const { ports } of subsets ?? []) {
      for (const port of ports ?? []) port.protocol ||= 'TCP'
    }
  },
  validate: validateEndpoints,
  // What older servers let pass stays as long as nobody touches it.
  validateUpdate: (draft, stored) =>
    semanticEqual(draft.subsets, stored.subsets) ? [] : validateEndpoints(draft),
  warningsOnCreate: endpointsWarnings,
  warningsOnUpdate: (draft) => endpointsWarnings(draft),
  allowCreateOnUpdate: true,
  table: endpointsTable,
})

/** Nobody reads what the controller that makes most of them would be told. */
function endpointsWarnings({ metadata, subsets }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return (subsets ?? []).flatMap((subset, i) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((field) =>
      (subset[field] ?? []).flatMap(({ ip }, j) =>
        ipWarnings(ip, FieldPath.of('subsets').index(i).child(field).index(j).child('ip')),
      ),
    ),
  )
}

function validateEndpoints({ subsets }: Endpoints): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, subset] of (subsets ?? []).entries()) {
    validateSubset(subset, FieldPath.of('subsets').index(i), errors)
  }
  return errors
}

function validateSubset(subset: EndpointSubset, path: FieldPath, errors: FieldError[]): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
  }
  for (const [i, address] of addresses.entries()) {
    validateAddress(address, path.child('addresses').index(i), errors)
  }
  for (const [i, address] of notReadyAddresses.entries()) {
    validateAddress(address, path.child('notReadyAddresses').index(i), errors)
  }
  for (const [i, port] of ports.entries()) {
    validatePort(port, ports.length > 1, path.child('ports').index(i), errors)
  }
}

function validateAddress(
  { ip, hostname, nodeName }: EndpointAddress,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const fault of ipFaults(ip)) errors.push(invalidValue(path.child('ip'), ip, fault))
  if (hostname) {
    for (const fault of isDns1123Label(hostname)) {
      errors.push(invalidValue(path.child('hostname'), hostname, fault))
    }
  }
  for (const fault of nodeName === undefined ? [] : isDns1123Subdomain(nodeName)) {
    errors.push(invalidValue(path.child('nodeName'), nodeName, fault))
  }
  // What an address is for is read as leniently as ever.
  validateEndpointIP(ip.replace(/(^|\.)0+(?=\d)/g, '$1'), path.child('ip'), errors)
}

function validatePort(
  { name, port, protocol, appProtocol }: EndpointPort,
  needsName: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (needsName && !name) errors.push(required(path.child('name'), ''))
  else if (name) {
    for (const fault of isDns1123Label(name)) {
      errors.push(invalidValue(path.child('name'), name, fault))
    }
  }
  portNumber(port, path.child('port'), errors)
  if (!protocol) errors.push(required(path.child('protocol'), ''))
  else oneOf(protocol, ['SCTP', 'TCP', 'UDP'], path.child('protocol'), errors)
  if (appProtocol !== undefined) {
    for (const fault of isQualifiedName(appProtocol)) {
      errors.push(invalidValue(path.child('appProtocol'), appProtocol, fault))
    }
  }
}

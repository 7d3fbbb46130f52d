import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isValidCidr,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  required,
} from '@miniplane/api'
import { networkPolicyTable } from '../columns/cluster.js'
import { defineStrategy } from '../strategy.js'
import { isStrictSubnet } from '../validation/cidr.js'
import { cidrFaults, cidrWarnings } from '../validation/ip.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { portNumber, portNumberOrName } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'

const SPEC = FieldPath.of('spec')

export const networkPolicies = defineStrategy<NetworkPolicy>({
  setDefaults({ spec }) {
    spec.podSelector ??= {}
    if (!spec.policyTypes?.length) {
      // Who says something about egress means it; ingress is meant in any case.
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
    }
    for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of ports ?? []) port.protocol ??= 'TCP'
    }
  },
  ...desiredState<NetworkPolicy>(),
  validate: validatePolicy,
  validateUpdate: (draft) => validatePolicy(draft),
  warningsOnCreate: policyWarnings,
  warningsOnUpdate: (draft) => policyWarnings(draft),
  table: networkPolicyTable,
})

function policyWarnings({ spec }: NetworkPolicy): string[] {
  const ofBlocks = (peers: readonly NetworkPolicyPeer[] | undefined, path: FieldPath) =>
    (peers ?? []).flatMap(({ ipBlock }, i) => {
      const at = path.index(i).child('ipBlock')
      if (!ipBlock) return []
      const except = (ipBlock.except ?? []).flatMap((one, j) =>
        cidrWarnings(one, at.child('except').index(j)),
      )
      return [...cidrWarnings(ipBlock.cidr, at.child('cidr')), ...except]
    })
  return [
    ...(spec.ingress ?? []).flatMap(({ from }, i) =>
      ofBlocks(from, SPEC.child('ingress').index(i).child('from')),
    ),
    ...(spec.egress ?? []).flatMap(({ to }, i) =>
      ofBlocks(to, SPEC.child('egress').index(i).child('to')),
    ),
  ]
}

function validatePolicy({ spec }: NetworkPolicy): FieldError[] {
  const errors: FieldError[] = []
  validateLabelSelector(spec.podSelector, SPEC.child('podSelector'), errors)
  for (const [i, { ports, from }] of (spec.ingress ?? []).entries()) {
    const path = SPEC.child('ingress').index(i)
    validateRule(ports, from, 'from', path, errors)
  }
  for (const [i, { ports, to }] of (spec.egress ?? []).entries()) {
    const path = SPEC.child('egress').index(i)
    validateRule(ports, to, 'to', path, errors)
  }
  const types = spec.policyTypes ?? []
  if (types.length > 2) {
    const detail = 'may not specify more than two policyTypes'
    errors.push(invalidValue(SPEC.child('policyTypes'), types, detail))
    return errors
  }
  for (const [i, type] of types.entries()) {
    oneOf(type, ['Ingress', 'Egress'], SPEC.child('policyTypes').index(i), errors)
  }
  return errors
}

function validateRule(
  ports: readonly NetworkPolicyPort[] | undefined,
  peers: readonly NetworkPolicyPeer[] | undefined,
  side: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, port] of (ports ?? []).entries()) {
    validatePort(port, path.child('ports').index(i), errors)
  }
  for (const [i, peer] of (peers ?? []).entries()) {
    validatePeer(peer, path.child(side).index(i), errors)
  }
}

function validatePort(
  { protocol, port, endPort }: NetworkPolicyPort,
  path: FieldPath,
  errors: FieldError[],
): void {
  oneOf(protocol, ['TCP', 'UDP', 'SCTP'], path.child('protocol'), errors)
  const at = path.child('endPort')
  if (endPort !== undefined && typeof port !== 'number') {
    const what = port === undefined ? 'not specified' : 'non-numeric'
    errors.push(invalidValue(at, endPort, `may not be specified when \`port\` is ${what}`))
  }
  if (port === undefined) return
  portNumberOrName(port, path.child('port'), errors)
  if (endPort === undefined || typeof port === 'string') return
  if (endPort < port) {
    // The value shown is the port's.
    errors.push(invalidValue(at, port, 'must be greater than or equal to `port`'))
  }
  portNumber(endPort, at, errors)
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateLabelSelector(podSelector, path.child('podSelector'), errors)
  validateLabelSelector(namespaceSelector, path.child('namespaceSelector'), errors)
  if (ipBlock) validateBlock(ipBlock, path.child('ipBlock'), errors)
  if (!podSelector && !namespaceSelector && !ipBlock) {
    errors.push(required(path, 'must specify a peer'))
  } else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
  }
}

function validateBlock(
  { cidr, except = [] }: NonNullable<NetworkPolicyPeer['ipBlock']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!cidr) {
    errors.push(required(path.child('cidr'), ''))
    return
  }
  const faults = cidrFaults(cidr)
  for (const fault of faults) errors.push(invalidValue(path.child('cidr'), cidr, fault))
  if (isValidCidr(cidr).length > 0) return
  for (const [i, one] of except.entries()) {
    const at = path.child('except').index(i)
    for (const fault of cidrFaults(one)) errors.push(invalidValue(at, one, fault))
    if (isValidCidr(one).length === 0 && !isStrictSubnet(one, cidr)) {
      errors.push(invalidValue(at, one, 'must be a strict subset of `cidr`'))
    }
  }
}

import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  ipFamilyOf,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  required,
  type Service,
  type ServicePort,
} from '@miniplane/api'
import { PROTOCOLS } from '../validation/containers.js'
import { validateEndpointIP } from '../validation/endpoint-ip.js'
import { goForm } from '../validation/go-struct.js'
import { cidrFaults, ipFaults } from '../validation/ip.js'
import { portNumber, portNumberOrName } from '../validation/numbers.js'
import { oneOf, validateLabels } from '../validation/object-meta.js'
import { isExternallyAccessible, needsClusterIP, needsHealthCheckPort } from './service-types.js'

const SPEC = FieldPath.of('spec')
const OLD_HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
export const TRAFFIC_POLICIES = ['Cluster', 'Local']
const ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'"
const AFFINITY_SECONDS_MAX = 86400
const portStruct = {
  Name: '',
  Protocol: '',
  AppProtocol: null,
  Port: 0,
  TargetPort: 0,
  NodePort: 0,
} as const

type Spec = Service['spec']

const isHeadless = ({ spec }: Service) => spec.clusterIPs?.[0] === 'None'

/** In the order in which the real server looks. */
export function validateService(service: Service): FieldError[] {
  const errors: FieldError[] = []
  const { metadata, spec } = service
  const [mode, hints] = [TOPOLOGY_MODE, OLD_HINTS].map((name) => metadata.annotations?.[name])
  if (mode !== undefined && hints !== undefined && mode !== hints) {
    const at = FieldPath.of('metadata', 'annotations').key(TOPOLOGY_MODE)
    const detail = `must match annotations[${OLD_HINTS}] when both are specified`
    errors.push(invalidValue(at, mode, detail))
  }
  if (!spec.ports?.length && !isHeadless(service) && spec.type !== 'ExternalName') {
    errors.push(required(SPEC.child('ports'), ''))
  }
  validateByType(service, errors)
  const names = new Set<string>()
  for (const [i, port] of (spec.ports ?? []).entries()) {
    const needsName = (spec.ports ?? []).length > 1
    validatePort(port, needsName, names, SPEC.child('ports').index(i), errors)
  }
  validateLabels(spec.selector, SPEC.child('selector'), errors)
  validateAffinity(spec, errors)
  validateClusterIPs(spec, errors)
  for (const [i, address] of (spec.externalIPs ?? []).entries()) {
    validateExternalIP(address, SPEC.child('externalIPs').index(i), errors)
  }
  if (!spec.type) errors.push(required(SPEC.child('type'), ''))
  else oneOf(spec.type, TYPES, SPEC.child('type'), errors)
  validatePortNumbers(spec, errors)
  validateBalancer(service, errors)
  validateTrafficPolicies(spec, errors)
  return errors
}

function validateByType(service: Service, errors: FieldError[]): void {
  const { spec } = service
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (!isHeadless(service)) return
    const detail = `may not be set to 'None' for ${spec.type} services`
    errors.push(invalidValue(SPEC.child('clusterIPs').index(0), 'None', detail))
  }
  if (spec.type !== 'ExternalName') return
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
    if (!spec[field]?.length) continue
    errors.push(forbiddenField(SPEC.child(field), 'may not be set for ExternalName services'))
  }
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (!name) errors.push(required(SPEC.child('externalName'), ''))
  else {
    for (const fault of isDns1123Subdomain(name)) {
      errors.push(invalidValue(SPEC.child('externalName'), name, fault))
    }
  }
}

function validatePort(
  { name, port, protocol, targetPort, appProtocol }: ServicePort,
  needsName: boolean,
  names: Set<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (needsName && !name) errors.push(required(path.child('name'), ''))
  else if (name) {
    for (const fault of isDns1123Label(name)) {
      errors.push(invalidValue(path.child('name'), name, fault))
    }
    if (names.has(name)) errors.push(duplicate(path.child('name'), name))
    names.add(name)
  }
  portNumber(port, path.child('port'), errors)
  if (!protocol) errors.push(required(path.child('protocol'), ''))
  else oneOf(protocol, PROTOCOLS, path.child('protocol'), errors)
  portNumberOrName(targetPort, path.child('targetPort'), errors)
  if (appProtocol !== undefined) {
    for (const fault of isQualifiedName(appProtocol)) {
      errors.push(invalidValue(path.child('appProtocol'), appProtocol, fault))
    }
  }
}

function validateAffinity(spec: Service['spec'], errors: FieldError[]): void {
  const path = SPEC.child('sessionAffinity')
  if (!spec.sessionAffinity) errors.push(required(path, ''))
  else oneOf(spec.sessionAffinity, ['ClientIP', 'None'], path, errors)
  const config = spec.sessionAffinityConfig
  const at = SPEC.child('sessionAffinityConfig')
  if (spec.sessionAffinity === 'ClientIP') {
    const timeout = at.child('clientIP', 'timeoutSeconds')
    const seconds = config?.clientIP?.timeoutSeconds
    if (seconds === undefined) {
      errors.push(required(timeout, 'when session affinity type is ClientIP'))
    } else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) {
      const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`
      errors.push(invalidValue(timeout, seconds, detail))
    }
  } else if (spec.sessionAffinity === 'None' && config) {
    errors.push(forbiddenField(at, 'must not be set when session affinity is None'))
  }
}

/** What belongs together of addresses, families and their policy. */
export function validateClusterIPs(spec: Service['spec'], errors: FieldError[]): void {
  if (!needsClusterIP(spec.type)) return
  const path = SPEC.child('clusterIPs')
  const { clusterIP = '', clusterIPs = [] } = spec
  const refuse = (detail: string) => errors.push(invalidValue(path, clusterIPs, detail))
  if (clusterIP && clusterIPs.length === 0) errors.push(required(path, ''))
  else if (clusterIP && clusterIPs[0] !== clusterIP) refuse('first value must match `clusterIP`')
  else if (!clusterIP && clusterIPs.length > 0) {
    refuse('must be empty when `clusterIP` is not specified')
  }
  const families = spec.ipFamilies ?? []
  for (const [i, family] of families.entries()) {
    const at = SPEC.child('ipFamilies').index(i)
    oneOf(family, ['IPv4', 'IPv6'], at, errors)
    if (families.indexOf(family) < i) errors.push(duplicate(at, family))
  }
  if (spec.ipFamilyPolicy) {
    const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
    oneOf(spec.ipFamilyPolicy, policies, SPEC.child('ipFamilyPolicy'), errors)
  }
  const before = errors.length
  for (const [i, address] of clusterIPs.entries()) {
    if (i === 0 && address === 'None') {
      if (clusterIPs.length > 1) refuse("'None' must be the first and only value")
      continue
    }
    for (const fault of ipFaults(address)) errors.push(invalidValue(path.index(i), address, fault))
  }
  const isBroken = errors.length > before
  if (clusterIPs.length > 2) refuse('may only hold up to 2 values')
  if (!isBroken) validateFamiliesOf(clusterIPs, families, errors)
}

/** One address of each family, in the order of the families. */
function validateFamiliesOf(
  clusterIPs: string[],
  families: readonly string[],
  errors: FieldError[],
): void {
  const path = SPEC.child('clusterIPs')
  const given = clusterIPs.map(ipFamilyOf)
  if (given.length > 1 && new Set(given).size < Math.min(given.length, 2)) {
    const detail = 'may specify no more than one IP for each IP family'
    errors.push(invalidValue(path, clusterIPs, detail))
  }
  if (clusterIPs[0] === 'None') return
  for (const [i, address] of clusterIPs.entries()) {
    const family = families[i]
    if (family === undefined || family === `IPv${given[i]}`) continue
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``
    errors.push(invalidValue(path.index(i), address, detail))
  }
}

function validateExternalIP(address: string, path: FieldPath, errors: FieldError[]): void {
  const faults = ipFaults(address)
  for (const fault of faults) errors.push(invalidValue(path, address, fault))
  if (faults.length === 0) validateEndpointIP(address, path, errors)
}

function validatePortNumbers({ type, ports = [] }: Service['spec'], errors: FieldError[]): void {
  const path = SPEC.child('ports')
  if (type === 'ClusterIP') {
    for (const [i, { nodePort }] of ports.entries()) {
      if (!nodePort) continue
      const detail = "may not be used when `type` is 'ClusterIP'"
      errors.push(forbiddenField(path.index(i).child('nodePort'), detail))
    }
  }
  const nodePorts = new Set<string>()
  const numbers = new Set<string>()
  for (const [i, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue
    const key = `${protocol}/${nodePort}`
    if (nodePorts.has(key)) errors.push(duplicate(path.index(i).child('nodePort'), nodePort))
    nodePorts.add(key)
  }
  for (const [i, { protocol = '', port }] of ports.entries()) {
    const key = `${protocol}/${port}`
    if (numbers.has(key))
      errors.push(duplicate(path.index(i), goForm({ protocol, port }, portStruct)))
    numbers.add(key)
  }
}

function validateBalancer({ metadata, spec }: Service, errors: FieldError[]): void {
  const { annotations } = metadata
  const only = ONLY_BALANCERS
  const isBalancer = spec.type === 'LoadBalancer'
  // This field's name is written as the program has it and not as the API.
  const ranges = SPEC.child('LoadBalancerSourceRanges')
  if (spec.loadBalancerSourceRanges?.length) {
    if (!isBalancer) errors.push(forbiddenField(ranges, only))
    for (const [i, cidr] of spec.loadBalancerSourceRanges.entries()) {
      for (const fault of cidrFaults(cidr.trim())) {
        errors.push(invalidValue(ranges.index(i), cidr.trim(), fault))
      }
    }
  } else validateRangesAnnotation(annotations, isBalancer, errors)
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    errors.push(forbiddenField(SPEC.child('allocateLoadBalancerNodePorts'), only))
  }
  validateBalancerClass(spec, errors)
}

function validateBalancerClass(
  { type, loadBalancerClass: name }: Spec,
  errors: FieldError[],
): void {
  if (name === undefined) return
  const path = SPEC.child('loadBalancerClass')
  if (type !== 'LoadBalancer') errors.push(forbiddenField(path, ONLY_BALANCERS))
  else for (const fault of isQualifiedName(name)) errors.push(invalidValue(path, name, fault))
}

const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges'

function validateRangesAnnotation(
  annotations: Record<string, string> | undefined,
  isBalancer: boolean,
  errors: FieldError[],
): void {
  const ranges = annotations?.[RANGES_ANNOTATION]
  if (ranges === undefined) return
  const path = FieldPath.of('metadata', 'annotations').key(RANGES_ANNOTATION)
  if (!isBalancer) errors.push(forbiddenField(path, ONLY_BALANCERS))
  for (const cidr of ranges.trim() === '' ? [] : ranges.split(',')) {
    for (const fault of cidrFaults(cidr.trim())) {
      errors.push(invalidValue(path, cidr.trim(), fault))
    }
  }
}

function validateTrafficPolicies(spec: Service['spec'], errors: FieldError[]): void {
  const external = SPEC.child('externalTrafficPolicy')
  if (!isExternallyAccessible(spec)) {
    if (spec.externalTrafficPolicy) {
      const detail = 'may only be set for externally-accessible services'
      errors.push(invalidValue(external, spec.externalTrafficPolicy, detail))
    }
  } else if (!spec.externalTrafficPolicy) errors.push(required(external, ''))
  else oneOf(spec.externalTrafficPolicy, TRAFFIC_POLICIES, external, errors)
  const port = spec.healthCheckNodePort ?? 0
  const at = SPEC.child('healthCheckNodePort')
  if (needsHealthCheckPort(spec)) {
    if (port !== 0) portNumber(port, at, errors)
  } else if (port !== 0) {
    const detail =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(invalidValue(at, port, detail))
  }
  const internal = SPEC.child('internalTrafficPolicy')
  if (spec.internalTrafficPolicy !== undefined) {
    oneOf(spec.internalTrafficPolicy, TRAFFIC_POLICIES, internal, errors)
  } else if (TYPES.includes(spec.type ?? '') && spec.type !== 'ExternalName') {
    errors.push(required(internal, ''))
  }
  if (spec.trafficDistribution !== undefined) {
    const allowed = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
    oneOf(spec.trafficDistribution, allowed, SPEC.child('trafficDistribution'), errors)
  }
}

/** Addresses, families and the class of a balancer stay what they are as long as they are needed. */
export function validateServiceUpdate(draft: Service, stored: Service): FieldError[] {
  const errors: FieldError[] = []
  const both = needsClusterIP(draft.spec.type) && needsClusterIP(stored.spec.type)
  if (both && !(isHeadless(draft) && isHeadless(stored))) {
    validateAddressUpdate(draft.spec, stored.spec, errors)
    if (isHeadless(draft) === isHeadless(stored)) {
      validateFamilyUpdate(draft.spec, stored.spec, errors)
    }
  }
  const [after, before] = [draft.spec, stored.spec]
  const isBalancer = after.type === 'LoadBalancer' && before.type === 'LoadBalancer'
  if (isBalancer && after.loadBalancerClass !== before.loadBalancerClass) {
    const at = SPEC.child('loadBalancerClass')
    errors.push(invalidValue(at, after.loadBalancerClass ?? null, 'may not change once set'))
  }
  // Looked at here and once more with everything else.
  validateBalancerClass(after, errors)
  if (needsHealthCheckPort(after) && needsHealthCheckPort(before)) {
    if ((after.healthCheckNodePort ?? 0) !== (before.healthCheckNodePort ?? 0)) {
      errors.push(forbiddenField(SPEC.child('healthCheckNodePort'), 'field is immutable'))
    }
  }
  return [...errors, ...validateService(draft)]
}

function validateAddressUpdate(draft: Spec, stored: Spec, errors: FieldError[]): void {
  const [before, after] = [stored.clusterIPs ?? [], draft.clusterIPs ?? []]
  const path = SPEC.child('clusterIPs')
  if (before.length === after.length) {
    for (const [i, address] of before.entries()) {
      if (address === after[i]) continue
      errors.push(invalidValue(path.index(i), after, 'may not change once set'))
    }
    return
  }
  if (after.length === 0) {
    errors.push(invalidValue(path.index(0), null, 'primary clusterIP can not be unset'))
  } else if (before.length > 0 && after[0] !== before[0]) {
    errors.push(invalidValue(path.index(0), after, 'may not change once set'))
  }
  if (before.length > after.length && after.length === 1) {
    requireSingleStack(draft, 'clusterIP', errors)
  }
}

function validateFamilyUpdate(draft: Spec, stored: Spec, errors: FieldError[]): void {
  const [before, after] = [stored.ipFamilies ?? [], draft.ipFamilies ?? []]
  const path = SPEC.child('ipFamilies').index(0)
  if (before.length === after.length) {
    for (const [i, family] of before.entries()) {
      if (family !== after[i]) errors.push(invalidValue(path, after, 'may not change once set'))
    }
    return
  }
  if (after.length > 0 && before.length > 0 && after[0] !== before[0]) {
    errors.push(invalidValue(path, draft.clusterIPs ?? null, 'may not change once set'))
  }
  if (before.length > after.length && after.length === 1) {
    requireSingleStack(draft, 'ipFamily', errors)
  }
}

/** Giving the second address back has to be meant. */
function requireSingleStack({ ipFamilyPolicy }: Spec, what: string, errors: FieldError[]): void {
  if (ipFamilyPolicy === 'SingleStack') return
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`
  errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), ipFamilyPolicy ?? null, detail))
}

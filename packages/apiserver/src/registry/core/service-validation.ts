import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidCidr,
  isValidIP,
  required,
  type Service,
  type ServicePort,
} from '@miniplane/api'
import { PROTOCOLS } from '../validation/containers.js'
import { validateEndpointIP } from '../validation/endpoint-ip.js'
import { goForm } from '../validation/go-struct.js'
import { portNumber, portNumberOrName } from '../validation/numbers.js'
import { oneOf, validateLabels } from '../validation/object-meta.js'
import { isExternallyAccessible, needsClusterIP, needsHealthCheckPort } from './service-types.js'

const SPEC = FieldPath.of('spec')
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const AFFINITY_SECONDS_MAX = 86400
const portStruct = {
  Name: '',
  Protocol: '',
  AppProtocol: null,
  Port: 0,
  TargetPort: 0,
  NodePort: 0,
} as const

const isHeadless = ({ spec }: Service) => spec.clusterIPs?.[0] === 'None'

/** In the order in which the real server looks. */
export function validateService(service: Service): FieldError[] {
  const errors: FieldError[] = []
  const { spec } = service
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
  validateBalancer(spec, errors)
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
    if (seconds === undefined) errors.push(required(timeout, ''))
    else if (seconds <= 0 || seconds > AFFINITY_SECONDS_MAX) {
      const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`
      errors.push(invalidValue(timeout, seconds, detail))
    }
  } else if (spec.sessionAffinity === 'None' && config) {
    errors.push(forbiddenField(at, 'must not be set when session affinity is None'))
  }
}

function validateClusterIPs(spec: Service['spec'], errors: FieldError[]): void {
  if (!needsClusterIP(spec.type)) return
  const path = SPEC.child('clusterIPs')
  const { clusterIP = '', clusterIPs = [] } = spec
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(invalidValue(path, clusterIPs, 'first value must match `clusterIP`'))
  }
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    oneOf(family, ['IPv4', 'IPv6'], SPEC.child('ipFamilies').index(i), errors)
  }
  if (spec.ipFamilyPolicy) {
    const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
    oneOf(spec.ipFamilyPolicy, policies, SPEC.child('ipFamilyPolicy'), errors)
  }
  for (const [i, address] of clusterIPs.entries()) {
    if (i === 0 && address === 'None') {
      if (clusterIPs.length > 1) {
        const detail = "'None' must be the first and only value"
        errors.push(invalidValue(path, clusterIPs, detail))
      }
      continue
    }
    for (const fault of isValidIP(address)) errors.push(invalidValue(path.index(i), address, fault))
  }
}

function validateExternalIP(address: string, path: FieldPath, errors: FieldError[]): void {
  const faults = isValidIP(address)
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

function validateBalancer(spec: Service['spec'], errors: FieldError[]): void {
  const only = "may only be used when `type` is 'LoadBalancer'"
  const isBalancer = spec.type === 'LoadBalancer'
  // This field's name is written as the program has it and not as the API.
  const ranges = SPEC.child('LoadBalancerSourceRanges')
  if (spec.loadBalancerSourceRanges?.length) {
    if (!isBalancer) errors.push(forbiddenField(ranges, only))
    for (const [i, cidr] of spec.loadBalancerSourceRanges.entries()) {
      for (const fault of isBalancer ? isValidCidr(cidr.trim()) : []) {
        errors.push(invalidValue(ranges.index(i), cidr, fault))
      }
    }
  }
  for (const field of ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const) {
    if (spec[field] !== undefined && !isBalancer)
      errors.push(forbiddenField(SPEC.child(field), only))
  }
  if (spec.loadBalancerClass !== undefined) {
    for (const fault of isQualifiedName(spec.loadBalancerClass)) {
      errors.push(invalidValue(SPEC.child('loadBalancerClass'), spec.loadBalancerClass, fault))
    }
  }
}

function validateTrafficPolicies(spec: Service['spec'], errors: FieldError[]): void {
  const policies = ['Cluster', 'Local']
  const external = SPEC.child('externalTrafficPolicy')
  if (!isExternallyAccessible(spec)) {
    if (spec.externalTrafficPolicy) {
      const detail = 'may only be set for externally-accessible services'
      errors.push(invalidValue(external, spec.externalTrafficPolicy, detail))
    }
  } else if (!spec.externalTrafficPolicy) errors.push(required(external, ''))
  else oneOf(spec.externalTrafficPolicy, policies, external, errors)
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
    oneOf(spec.internalTrafficPolicy, policies, internal, errors)
  } else if (TYPES.includes(spec.type ?? '') && spec.type !== 'ExternalName') {
    errors.push(required(internal, ''))
  }
  if (spec.trafficDistribution !== undefined) {
    const allowed = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
    oneOf(spec.trafficDistribution, allowed, SPEC.child('trafficDistribution'), errors)
  }
}

/** A cluster IP stays what it is as long as the Service has one. */
export function validateServiceUpdate(draft: Service, stored: Service): FieldError[] {
  const errors: FieldError[] = []
  const both = needsClusterIP(draft.spec.type) && needsClusterIP(stored.spec.type)
  const [before, after] = [stored.spec.clusterIPs ?? [], draft.spec.clusterIPs ?? []]
  if (both && before.length > 0) {
    const path = SPEC.child('clusterIPs')
    if (after.length === 0) {
      errors.push(invalidValue(path.index(0), after, 'primary clusterIP can not be unset'))
    } else if (after[0] !== before[0]) {
      errors.push(invalidValue(path.index(0), after, 'may not change once set'))
    }
  }
  return errors.length > 0 ? errors : validateService(draft)
}

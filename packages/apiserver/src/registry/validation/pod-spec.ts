import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  notFoundValue,
  type Pod,
  type PodResourceClaim,
  type PodSpec,
  required,
  tooLong,
} from '@miniplane/api'
import { validateAffinity } from './affinity.js'
import {
  type PodFacts,
  validateContainers,
  validateEphemeralContainers,
  validateImageSpaces,
  validateInitContainers,
} from './containers.js'
import { goForm } from './go-struct.js'
import { ipFaults } from './ip.js'
import { INT32_MAX, inRange, nonNegative } from './numbers.js'
import { oneOf, validateLabels } from './object-meta.js'
import { validateDnsConfig } from './pod-dns.js'
import { validatePodLevelResources } from './pod-level-resources.js'
import { validateContainerResources } from './resources.js'
import {
  validateSchedulingGates,
  validateTolerations,
  validateTopologySpread,
} from './scheduling.js'
import { validateHostUsers, validatePodSecurityContext } from './security.js'
import { validateVolumes } from './volumes.js'
import { containersOf, validateForOs, validateHostProcess } from './windows.js'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/**
 * The rules for the spec of a Pod or of a template for one. Only a Pod has a name that its volume
 * claims will be named after.
 */
export function validatePodSpec(
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
  podName?: string,
): void {
  const pod: PodFacts = {
    spec,
    volumes: validateVolumes(spec.volumes, podName, path.child('volumes'), errors),
    claimNames: (spec.resourceClaims ?? []).map(({ name }) => name),
    gracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
  }
  validateResourceClaims(spec, path.child('resourceClaims'), errors)
  validateContainers(pod, path.child('containers'), errors)
  validateInitContainers(pod, path.child('initContainers'), errors)
  validateEphemeralContainers(pod, path.child('ephemeralContainers'), errors)
  if (spec.resources) validatePodLevelResources(spec, path.child('resources'), errors)
  validateHostPorts(spec, podName !== undefined, path, errors)
  validateRestartPolicy(spec.restartPolicy, path.child('restartPolicy'), errors)
  if (!spec.dnsPolicy) errors.push(required(path.child('dnsPolicy'), ''))
  else oneOf(spec.dnsPolicy, DNS_POLICIES, path.child('dnsPolicy'), errors)
  validateLabels(spec.nodeSelector, path.child('nodeSelector'), errors)
  validatePodSecurityContext(spec, path.child('securityContext'), errors)
  validateAffinity(spec.affinity, path.child('affinity'), errors)
  validateDnsConfig(spec, path.child('dnsConfig'), errors)
  validateReadinessGates(spec, path.child('readinessGates'), errors)
  validateSchedulingGates(spec.schedulingGates, path.child('schedulingGates'), errors)
  validateTopologySpread(
    spec.topologySpreadConstraints,
    path.child('topologySpreadConstraints'),
    errors,
  )
  validateHostProcess(spec, path, errors)
  validateHostUsers(spec, path, errors)
  validateHostnameOverride(spec, path.child('hostnameOverride'), errors)
  validateScalars(spec, path, errors)
  validateFileKeyVolumes(spec, path, errors)
}

const HOSTNAME_BYTES_MAX = 64

function validateHostnameOverride(
  { hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (name === undefined) return
  if (setHostnameAsFQDN) {
    errors.push(forbiddenField(path, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (hostNetwork) {
    errors.push(forbiddenField(path, 'may not be specified when hostNetwork is true'))
  }
  if (name.length > HOSTNAME_BYTES_MAX) errors.push(tooLong(path, name, HOSTNAME_BYTES_MAX))
  for (const fault of isDns1123Subdomain(name)) errors.push(invalidValue(path, name, fault))
}

/** Variables can be read from files of an empty directory only: that is where containers write them. */
function validateFileKeyVolumes(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  for (const [{ env }, at] of containersOf(spec, path)) {
    for (const [i, { valueFrom }] of (env ?? []).entries()) {
      const name = valueFrom?.fileKeyRef?.volumeName
      if (name === undefined) continue
      const field = at.child('env').index(i).child('valueFrom', 'fileKeyRef', 'volumeName')
      const volume = spec.volumes?.find((one) => one.name === name)
      if (!volume) errors.push(notFoundValue(field, name))
      else if (!volume.emptyDir) {
        errors.push(invalidValue(field, name, 'referenced volume must be of type emptyDir'))
      }
    }
  }
}

function validateRestartPolicy(
  policy: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!policy) errors.push(required(path, ''))
  else oneOf(policy, RESTART_POLICIES, path, errors)
}

/** What the real server looks at last: names and single values. */
function validateScalars(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  named(spec.serviceAccountName, isDns1123Subdomain, path.child('serviceAccountName'), errors)
  named(spec.nodeName, isDns1123Subdomain, path.child('nodeName'), errors)
  inRange(spec.activeDeadlineSeconds, 1, INT32_MAX, path.child('activeDeadlineSeconds'), errors)
  named(spec.hostname, isDns1123Label, path.child('hostname'), errors)
  named(spec.subdomain, isDns1123Label, path.child('subdomain'), errors)
  validateTolerations(spec.tolerations, path.child('tolerations'), errors)
  for (const [i, { ip, hostnames }] of (spec.hostAliases ?? []).entries()) {
    const at = path.child('hostAliases').index(i)
    for (const fault of ipFaults(ip)) errors.push(invalidValue(at.child('ip'), ip, fault))
    for (const [j, hostname] of (hostnames ?? []).entries()) {
      named(hostname, isDns1123Subdomain, at.child('hostnames').index(j), errors)
    }
  }
  named(spec.priorityClassName, isDns1123Subdomain, path.child('priorityClassName'), errors)
  const { runtimeClassName } = spec
  for (const fault of runtimeClassName === undefined ? [] : isDns1123Subdomain(runtimeClassName)) {
    errors.push(invalidValue(path.child('runtimeClassName'), runtimeClassName, fault))
  }
  if (spec.preemptionPolicy !== undefined) {
    validatePreemptionPolicy(spec.preemptionPolicy, path.child('preemptionPolicy'), errors)
  }
  if (spec.overhead) validateOverhead(spec.overhead, path.child('overhead'), errors)
  if (spec.os) {
    const at = path.child('os', 'name')
    if (!spec.os.name) errors.push(required(at, 'cannot be empty'))
    else if (oneOf(spec.os.name, ['linux', 'windows'], path.child('os'), errors)) {
      validateForOs(spec, path, errors)
    }
  }
}

function named(
  value: string | undefined,
  rule: (value: string) => string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!value) return
  for (const fault of rule(value)) errors.push(invalidValue(path, value, fault))
}

export function validatePreemptionPolicy(
  policy: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (policy === '') errors.push(required(path, ''))
  else oneOf(policy, ['PreemptLowerPriority', 'Never'], path, errors)
}

/** A Pod's overhead is checked as if it were limits, and reported so. */
export function validateOverhead(
  overhead: Record<string, string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateContainerResources({ limits: overhead }, [], path, errors)
}

function validateResourceClaims(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (!spec.resourceClaims) return
  const taken = new Set<string>()
  for (const [i, claim] of spec.resourceClaims.entries()) {
    const at = path.index(i)
    if (!claim.name) errors.push(required(at.child('name'), ''))
    else if (taken.has(claim.name)) {
      errors.push(duplicate(at.child('name'), claim.name))
    } else {
      named(claim.name, isDns1123Label, at.child('name'), errors)
      taken.add(claim.name)
    }
    validateClaimSource(claim, at, errors)
  }
}

const claimStruct = { Name: '', ResourceClaimName: null, ResourceClaimTemplateName: null } as const
const CLAIM_SOURCES = ['resourceClaimName', 'resourceClaimTemplateName'] as const

function validateClaimSource(claim: PodResourceClaim, path: FieldPath, errors: FieldError[]): void {
  const given = CLAIM_SOURCES.filter((field) => claim[field] !== undefined)
  if (given.length !== 1) {
    const detail =
      given.length === 0
        ? 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
        : 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
    errors.push(invalidValue(path, goForm(claim, claimStruct), detail))
  }
  for (const field of given) {
    const name = claim[field] ?? ''
    for (const fault of isDns1123Subdomain(name)) {
      errors.push(invalidValue(path.child(field), name, fault))
    }
  }
}

/** On the host's network a container's port is the host's; a template may leave that out. */
function validateHostPorts(
  spec: PodSpec,
  isPod: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!spec.hostNetwork) return
  for (const [i, { ports }] of (spec.containers ?? []).entries()) {
    for (const [j, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) continue
      const at = path.child('containers').index(i).child('ports').index(j).child('hostPort')
      const detail = 'must match `containerPort` when `hostNetwork` is true'
      errors.push(invalidValue(at, hostPort, detail))
    }
  }
}

function validateReadinessGates(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    for (const fault of isQualifiedName(conditionType)) {
      errors.push(invalidValue(path.index(i).child('conditionType'), conditionType, fault))
    }
  }
}

/** What holds for Pods only: templates were never as strict. */
export function validatePodOnly(pod: Pod, errors: FieldError[]): void {
  const path = FieldPath.of('spec')
  if (!pod.spec.serviceAccountName) {
    for (const [i, { projected }] of (pod.spec.volumes ?? []).entries()) {
      for (const [j, source] of (projected?.sources ?? []).entries()) {
        if (!source.serviceAccountToken) continue
        const at = path.child('volumes').index(i).child('projected', 'sources').index(j)
        const detail = 'must not be specified when serviceAccountName is not set'
        errors.push(forbiddenField(at.child('serviceAccountToken'), detail))
      }
    }
  }
  const grace = path.child('terminationGracePeriodSeconds')
  nonNegative(pod.spec.terminationGracePeriodSeconds, grace, errors)
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (pod.spec[kind] ?? []).entries()) {
      validateImageSpaces(container, path.child(kind).index(i), errors)
    }
  }
}

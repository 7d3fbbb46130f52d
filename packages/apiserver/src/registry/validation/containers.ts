import {
  type Container,
  type ContainerPort,
  duplicate,
  type EphemeralContainer,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isValidPortName,
  notFoundValue,
  type PodSpec,
  required,
  tooMany,
  type Volume,
} from '@miniplane/api'
import { validateEnvironment } from './env.js'
import { portNumber } from './numbers.js'
import { oneOf } from './object-meta.js'
import { validateProbesAndHooks } from './probes.js'
import { validateContainerResources } from './resources.js'
import { validateSecurityContext } from './security.js'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mounts.js'
import { validatePullPolicy } from './volumes.js'

/** What the containers of one Pod share. */
export interface PodFacts {
  readonly spec: PodSpec
  readonly volumes: ReadonlyMap<string, Volume>
  readonly claimNames: readonly string[]
  readonly gracePeriodSeconds: number
}

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']

export function validateContainers(pod: PodFacts, path: FieldPath, errors: FieldError[]): void {
  const containers = pod.spec.containers ?? []
  if (containers.length === 0) {
    errors.push(required(path, ''))
    return
  }
  const names = new Set<string>()
  for (const [i, container] of containers.entries()) {
    const at = path.index(i)
    validateContainer(container, pod, at, errors)
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name))
    names.add(container.name)
    validateProbesAndHooks(container, pod, at, errors)
    validateRestartPolicy(container, at, errors)
  }
  validateHostPortConflicts(containers, path, errors)
}

/** Names are unique across all kinds of containers, so the regular ones come in. */
export function validateInitContainers(pod: PodFacts, path: FieldPath, errors: FieldError[]): void {
  if (!pod.spec.initContainers) return
  const names = new Set((pod.spec.containers ?? []).map(({ name }) => name))
  for (const [i, container] of pod.spec.initContainers.entries()) {
    const at = path.index(i)
    validateContainer(container, pod, at, errors)
    validateRestartPolicy(container, at, errors)
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name))
    else if (container.name) names.add(container.name)
    validateHostPortConflicts([container], path, errors)
    if (container.restartPolicy === 'Always') {
      validateProbesAndHooks(container, pod, at, errors)
    } else validatePassing(container, at, errors)
  }
}

/** An init container that ends makes way for the next; nobody watches over it. */
function validatePassing(container: Container, path: FieldPath, errors: FieldError[]): void {
  for (const field of FOR_LASTING_CONTAINERS) {
    if (container[field] === undefined) continue
    const detail = 'may not be set for init containers without restartPolicy=Always'
    errors.push(forbiddenField(path.child(field), detail))
  }
  for (const [i, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
    if (restartPolicy !== 'RestartContainer') continue
    const at = path.child('resizePolicy').index(i).child('restartPolicy')
    const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    errors.push(invalidValue(at, restartPolicy, detail))
  }
}

const FOR_LASTING_CONTAINERS = [
  'lifecycle',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
] as const

const NOT_FOR_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(
  pod: PodFacts,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!pod.spec.ephemeralContainers) return
  const others = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const names = new Set(others.map(({ name }) => name))
  const targets = new Set(names)
  for (const [i, container] of pod.spec.ephemeralContainers.entries()) {
    const at = path.index(i)
    validateContainer(container, pod, at, errors)
    validateImageSpaces(container, at, errors)
    if (names.has(container.name)) errors.push(duplicate(at.child('name'), container.name))
    else names.add(container.name)
    const target = container.targetContainerName
    if (target && !targets.has(target)) {
      errors.push(notFoundValue(at.child('targetContainerName'), target))
    }
    validateEphemeralOnly(container, at, errors)
  }
}

function validateEphemeralOnly(
  container: EphemeralContainer,
  path: FieldPath,
  errors: FieldError[],
): void {
  const refuse = (at: FieldPath) =>
    errors.push(forbiddenField(at, 'cannot be set for an Ephemeral Container'))
  for (const field of NOT_FOR_EPHEMERAL) {
    const value = container[field]
    const isEmpty = field === 'resources' && Object.keys(value ?? {}).length === 0
    if (value && !isEmpty) refuse(path.child(field))
  }
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = path.child('volumeMounts').index(i)
    if (mount.subPath) refuse(at.child('subPath'))
    if (mount.subPathExpr) refuse(at.child('subPathExpr'))
  }
}

function validateContainer(
  container: Container,
  pod: PodFacts,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!container.name) errors.push(required(path.child('name'), ''))
  else {
    for (const fault of isDns1123Label(container.name)) {
      errors.push(invalidValue(path.child('name'), container.name, fault))
    }
  }
  if (!container.image) errors.push(required(path.child('image'), ''))
  const policies = ['File', 'FallbackToLogsOnError']
  const policyPath = path.child('terminationMessagePolicy')
  if (!container.terminationMessagePolicy) errors.push(required(policyPath, ''))
  else oneOf(container.terminationMessagePolicy, policies, policyPath, errors)
  validatePorts(container.ports, path.child('ports'), errors)
  validateEnvironment(container, path, errors)
  validateVolumeMounts(container, pod.volumes, path.child('volumeMounts'), errors)
  validateVolumeDevices(container, pod.volumes, path.child('volumeDevices'), errors)
  validatePullPolicy(container.imagePullPolicy, path.child('imagePullPolicy'), errors)
  validateContainerResources(container.resources, pod.claimNames, path.child('resources'), errors)
  validateResizePolicy(container, pod.spec, path.child('resizePolicy'), errors)
  const hostUsers = pod.spec.hostUsers !== false
  validateSecurityContext(
    container.securityContext,
    hostUsers,
    path.child('securityContext'),
    errors,
  )
}

const RESTART_RULES_MAX = 20
const EXIT_CODES_MAX = 255

/** A policy of the container's own, and exceptions from it by exit code. */
function validateRestartPolicy(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (restartPolicy !== undefined) {
    oneOf(restartPolicy, RESTART_POLICIES, path.child('restartPolicy'), errors)
  } else if (rules.length > 0) {
    const detail = 'must specify restartPolicy when restart rules are used'
    errors.push(required(path.child('restartPolicy'), detail))
  }
  if (rules.length > RESTART_RULES_MAX) {
    errors.push(tooMany(path.child('restartPolicyRules'), rules.length, RESTART_RULES_MAX))
  }
  for (const [i, { action, exitCodes }] of rules.entries()) {
    const at = path.child('restartPolicyRules').index(i)
    oneOf(action, ['Restart', 'RestartAllContainers'], at.child('action'), errors)
    if (!exitCodes) {
      errors.push(required(at.child('exitCodes'), 'must be specified'))
      continue
    }
    const codes = at.child('exitCodes')
    oneOf(exitCodes.operator, ['In', 'NotIn'], codes.child('operator'), errors)
    const count = exitCodes.values?.length ?? 0
    if (count > EXIT_CODES_MAX) {
      errors.push(tooMany(codes.child('values'), count, EXIT_CODES_MAX))
    }
  }
}

function validatePorts(
  ports: readonly ContainerPort[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!ports) return
  const names = new Set<string>()
  for (const [i, port] of ports.entries()) {
    const at = path.index(i)
    if (port.name) {
      const faults = isValidPortName(port.name)
      for (const fault of faults) errors.push(invalidValue(at.child('name'), port.name, fault))
      if (faults.length === 0) {
        if (names.has(port.name)) errors.push(duplicate(at.child('name'), port.name))
        names.add(port.name)
      }
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort'), ''))
    else portNumber(port.containerPort, at.child('containerPort'), errors)
    if (port.hostPort) portNumber(port.hostPort, at.child('hostPort'), errors)
    if (!port.protocol) errors.push(required(at.child('protocol'), ''))
    else oneOf(port.protocol, PROTOCOLS, at.child('protocol'), errors)
  }
}

/** Two containers that run together can't have one port of the host. */
function validateHostPortConflicts(
  containers: readonly Container[],
  path: FieldPath,
  errors: FieldError[],
): void {
  let taken: Set<string> | undefined
  for (const [i, { ports }] of containers.entries()) {
    for (const [j, { hostPort, hostIP, protocol }] of (ports ?? []).entries()) {
      if (!hostPort) continue
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`
      if (taken?.has(key)) {
        errors.push(duplicate(path.index(i).child('ports').index(j).child('hostPort'), key))
      }
      taken ??= new Set()
      taken.add(key)
    }
  }
}

function validateResizePolicy(
  { resizePolicy }: Container,
  { restartPolicy }: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!resizePolicy) return
  const taken = new Set<string>()
  for (const [i, policy] of resizePolicy.entries()) {
    if (taken.has(policy.resourceName)) {
      errors.push(duplicate(path.index(i), policy.resourceName))
    }
    taken.add(policy.resourceName)
    if (!policy.resourceName) errors.push(required(path, ''))
    else oneOf(policy.resourceName, ['cpu', 'memory'], path, errors)
    if (!policy.restartPolicy) errors.push(required(path, ''))
    else oneOf(policy.restartPolicy, ['NotRequired', 'RestartContainer'], path, errors)
    if (restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
      errors.push(invalidValue(path, policy.restartPolicy, detail))
    }
  }
}

/** Templates have always been allowed such images; Pods have not. */
export function validateImageSpaces(
  { image = '' }: Container,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (image.trim() === image) return
  const detail = 'must not have leading or trailing whitespace'
  errors.push(invalidValue(path.child('image'), image, detail))
}

import {
  type Container,
  type FieldPath,
  isDns1123Label,
  isValidLabelValue,
  type NodeSelectorTerm,
  type ObjectMeta,
  type PodSpec,
} from '@miniplane/api'
import { fractionWarnings, volumeWarnings } from './volume-warnings.js'

/** Node labels with a successor. */
const DEPRECATED_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region':
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone':
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type':
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

/** Annotations that were fields in waiting and do nothing any more. */
const DEAD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls':
    'non-functional in v1.11+; use the "sysctls" field instead',
}
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_OF = 'container.seccomp.security.alpha.kubernetes.io/'
const NO_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const APP_ARMOR_OF = 'container.apparmor.security.beta.kubernetes.io/'
const NO_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'
const SELECTS_NOTHING = 'a null labelSelector results in matching no pod'

/** A Pod, or a template for one. */
interface PodLike {
  readonly metadata?: ObjectMeta
  readonly spec: PodSpec
}

/** What is allowed in a Pod and yet most likely not meant. `path` is the root for a Pod itself. */
export function podWarnings(pod: PodLike, path: FieldPath): string[] {
  const { metadata, spec } = pod
  const at = path.child('spec')
  const warnings = [...nodeLabelWarnings(spec, at), ...spreadWarnings(spec, at)]
  for (const [key, advice] of Object.entries(DEAD_ANNOTATIONS)) {
    if (metadata?.annotations?.[key] === undefined) continue
    warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${advice}`)
  }
  warnings.push(...volumeWarnings(spec, at))
  duplicateWarnings(spec, at, warnings)
  for (const resource of ['memory', 'ephemeral-storage']) {
    const amount = spec.overhead?.[resource]
    warnings.push(...fractionWarnings(amount, at.child('overhead').key(resource)))
  }
  annotationWarnings(pod, path, warnings)
  for (const [container, field] of containersOf(spec, at)) {
    containerWarnings(container, field, warnings)
  }
  portWarnings(spec, at, warnings)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const field = at.child('terminationGracePeriodSeconds')
    warnings.push(`${field}: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  return [...warnings, ...affinityWarnings(spec, at.child('affinity'))]
}

function containersOf(spec: PodSpec, path: FieldPath): (readonly [Container, FieldPath])[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((kind) =>
    (spec[kind] ?? []).map((one, i) => [one as Container, path.child(kind).index(i)] as const),
  )
}

function nodeLabelWarnings({ nodeSelector, affinity }: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const label of Object.keys(nodeSelector ?? {}).sort()) {
    const advice = DEPRECATED_NODE_LABELS[label]
    if (advice) warnings.push(`${path.child('nodeSelector').key(label)}: ${advice}`)
  }
  const at = path.child('affinity', 'nodeAffinity')
  const wanted = affinity?.nodeAffinity
  const needed = wanted?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = at.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')
  for (const [i, term] of (needed?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...nodeTermWarnings(term, false, terms.index(i)))
  }
  const preferred = wanted?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  for (const [i, { preference }] of preferred.entries()) {
    const term = at.child('preferredDuringSchedulingIgnoredDuringExecution').index(i)
    warnings.push(...nodeTermWarnings(preference, true, term.child('preference')))
  }
  return warnings
}

/** With `checksValues`, values that no label can have are told: validation let them be. */
export function nodeTermWarnings(
  { matchExpressions }: NodeSelectorTerm,
  checksValues: boolean,
  path: FieldPath,
): string[] {
  const warnings: string[] = []
  for (const [i, { key, values }] of (matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(i)
    const advice = DEPRECATED_NODE_LABELS[key]
    if (advice) warnings.push(`${at.child('key')}: ${key} is ${advice}`)
    for (const [j, value] of checksValues ? (values ?? []).entries() : []) {
      for (const fault of isValidLabelValue(value)) {
        warnings.push(`${at.child('values').index(j)}: ${value} is invalid, ${fault}`)
      }
    }
  }
  return warnings
}

function spreadWarnings({ topologySpreadConstraints }: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const [i, one] of (topologySpreadConstraints ?? []).entries()) {
    const at = path.child('topologySpreadConstraints').index(i)
    const advice = DEPRECATED_NODE_LABELS[one.topologyKey]
    if (advice) warnings.push(`${at.child('topologyKey')}: ${one.topologyKey} is ${advice}`)
    if (!one.labelSelector) warnings.push(`${at.child('labelSelector')}: ${SELECTS_NOTHING}`)
  }
  return warnings
}

function affinityWarnings({ affinity }: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const needed = affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [i, term] of needed.entries()) {
      if (term.labelSelector) continue
      const at = path.child(kind, 'requiredDuringSchedulingIgnoredDuringExecution').index(i)
      warnings.push(`${at.child('labelSelector')}: ${SELECTS_NOTHING}`)
    }
    const preferred = affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [i, { podAffinityTerm }] of preferred.entries()) {
      if (podAffinityTerm.labelSelector) continue
      const at = path.child(kind, 'preferredDuringSchedulingIgnoredDuringExecution').index(i)
      warnings.push(`${at.child('podAffinityTerm', 'labelSelector')}: ${SELECTS_NOTHING}`)
    }
  }
  return warnings
}

/** Annotations that a field has replaced, where the field is not set. */
function annotationWarnings(
  { metadata, spec }: PodLike,
  path: FieldPath,
  warnings: string[],
): void {
  const annotations = metadata?.annotations ?? {}
  const warn = (key: string, advice: string) => {
    if (annotations[key] === undefined) return
    warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${advice}`)
  }
  if (!spec.securityContext?.seccompProfile) warn(SECCOMP, NO_SECCOMP)
  const isTemplate = String(path) !== ''
  for (const [{ name, securityContext }] of containersOf(spec, path.child('spec'))) {
    if (!securityContext?.seccompProfile) warn(`${SECCOMP_OF}${name}`, NO_SECCOMP)
    const profile = spec.securityContext?.appArmorProfile ?? securityContext?.appArmorProfile
    // For a Pod the real server writes the field itself.
    if (isTemplate && !profile) warn(`${APP_ARMOR_OF}${name}`, NO_APP_ARMOR)
  }
}

/** A workload's name begins the names of its Pods, which are the names of their hosts. */
export const podNameWarnings = ({ name }: ObjectMeta): string[] =>
  nameWarnings(name, 'Pod names and hostnames')

export const hostNameWarnings = ({ name }: ObjectMeta): string[] =>
  nameWarnings(name, "the Pod's hostname")

function nameWarnings(name = '', use: string): string[] {
  const faults = isDns1123Label(name)
  if (faults.length === 0) return []
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${faults.join(' ')}]`,
  ]
}

function duplicateWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const addresses = new Set<string>()
  for (const [i, { ip }] of (spec.hostAliases ?? []).entries()) {
    const field = path.child('hostAliases').index(i).child('ip')
    if (addresses.has(ip)) warnings.push(`${field}: duplicate ip ${JSON.stringify(ip)}`)
    addresses.add(ip)
  }
  const names = new Set<string>()
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    const field = path.child('imagePullSecrets').index(i).child('name')
    if (!name) warnings.push(`${field}: invalid empty name ""`)
    else if (names.has(name)) warnings.push(`${field}: duplicate name ${JSON.stringify(name)}`)
    names.add(name)
  }
}

function containerWarnings(container: Container, path: FieldPath, warnings: string[]): void {
  const names = new Set<string>()
  for (const [i, { name, value = '', valueFrom }] of (container.env ?? []).entries()) {
    const reference = `$(${name})`
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference)
    if (names.has(name) && hides) {
      const field = path.child('env').index(i)
      warnings.push(
        `${field}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
      )
    }
    names.add(name)
  }
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const kind of ['limits', 'requests'] as const) {
      const amount = container.resources?.[kind]?.[resource]
      warnings.push(...fractionWarnings(amount, path.child('resources', kind).key(resource)))
    }
  }
}

interface Taken {
  readonly field: FieldPath
  readonly hostPort: number
  readonly hostIP: string
}

/** Ports of all containers are ports of one Pod. */
function portWarnings(spec: PodSpec, path: FieldPath, warnings: string[]): void {
  const known = new Map<string, Taken[]>()
  for (const [{ ports }, at] of containersOf(spec, path)) {
    for (const [i, port] of (ports ?? []).entries()) {
      const { containerPort, protocol, hostPort = 0, hostIP = '', name = '' } = port
      const field = at.child('ports').index(i)
      if (hostIP && hostPort === 0) {
        const form = `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
        warnings.push(`${field}: hostIP set without hostPort: ${form}`)
      }
      const one = { field, hostPort, hostIP }
      const key = `${containerPort}/${protocol}`
      const others = known.get(key) ?? []
      for (const other of others) {
        const how = portConflict(one, other)
        if (how) warnings.push(`${field}: ${how} port definition with ${other.field}`)
      }
      known.set(key, [...others, one])
    }
  }
}

function portConflict(one: Taken, other: Taken): string | undefined {
  if (one.hostIP === other.hostIP && one.hostPort === other.hostPort) return 'duplicate'
  if (one.hostPort === 0 || other.hostPort === 0) return 'overlapping'
  const isOneOpen = (one.hostIP === '') !== (other.hostIP === '')
  return one.hostPort === other.hostPort && isOneOpen ? 'dangerously ambiguous' : undefined
}

import {
  type Affinity,
  type Container,
  type EnvVar,
  type FieldPath,
  isDns1123Label,
  isValidLabelValue,
  type NodeSelectorTerm,
  type ObjectMeta,
  type PodSpec,
} from '@miniplane/api'
import { ipWarnings } from './ip.js'
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
  const annotations = metadata?.annotations
  if (annotations) deadAnnotationWarnings(annotations, path, warnings)
  if (spec.volumes) volumeWarnings(spec.volumes, at.child('volumes'), warnings)
  duplicateWarnings(spec, at, warnings)
  if (spec.overhead) byteWarnings(spec.overhead, at.child('overhead'), warnings)
  const containers = containersOf(spec, at)
  if (annotations) annotationWarnings(annotations, spec, containers, path, warnings)
  for (const one of containers) containerWarnings(one, warnings)
  portWarnings(containers, warnings)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const field = at.child('terminationGracePeriodSeconds')
    warnings.push(`${field}: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  if (spec.affinity) affinityWarnings(spec.affinity, at.child('affinity'), warnings)
  addressWarnings(spec, at, warnings)
  return warnings
}

function addressWarnings(
  { dnsConfig, hostAliases = [] }: PodSpec,
  path: FieldPath,
  warnings: string[],
): void {
  for (const [i, server] of (dnsConfig?.nameservers ?? []).entries()) {
    warnings.push(...ipWarnings(server, path.child('dnsConfig', 'nameservers').index(i)))
  }
  for (const [i, { ip }] of hostAliases.entries()) {
    warnings.push(...ipWarnings(ip, path.child('hostAliases').index(i).child('ip')))
  }
}

function deadAnnotationWarnings(
  annotations: Readonly<Record<string, string>>,
  path: FieldPath,
  warnings: string[],
): void {
  for (const key in DEAD_ANNOTATIONS) {
    if (annotations[key] === undefined) continue
    const field = path.child('metadata', 'annotations').key(key)
    warnings.push(`${field}: ${DEAD_ANNOTATIONS[key]}`)
  }
}

interface Place {
  readonly container: Container
  readonly path: FieldPath
}

function containersOf(spec: PodSpec, path: FieldPath): readonly Place[] {
  const places: Place[] = []
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[kind]?.forEach((one, i) => {
      places.push({ container: one as Container, path: path.child(kind).index(i) })
    })
  }
  return places
}

/** There are no parts of bytes. */
function byteWarnings(
  amounts: Readonly<Record<string, string>>,
  path: FieldPath,
  warnings: string[],
): void {
  for (const resource of ['memory', 'ephemeral-storage']) {
    warnings.push(...fractionWarnings(amounts[resource], path.key(resource)))
  }
}

function nodeLabelWarnings({ nodeSelector, affinity }: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  if (!nodeSelector && !affinity) return warnings
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

function affinityWarnings(affinity: Affinity, path: FieldPath, warnings: string[]): void {
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const needed = affinity[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [i, term] of needed.entries()) {
      if (term.labelSelector) continue
      const at = path.child(kind, 'requiredDuringSchedulingIgnoredDuringExecution').index(i)
      warnings.push(`${at.child('labelSelector')}: ${SELECTS_NOTHING}`)
    }
    const preferred = affinity[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [i, { podAffinityTerm }] of preferred.entries()) {
      if (podAffinityTerm.labelSelector) continue
      const at = path.child(kind, 'preferredDuringSchedulingIgnoredDuringExecution').index(i)
      warnings.push(`${at.child('podAffinityTerm', 'labelSelector')}: ${SELECTS_NOTHING}`)
    }
  }
}

/** Annotations that a field has replaced, where the field is not set. */
function annotationWarnings(
  annotations: Readonly<Record<string, string>>,
  spec: PodSpec,
  containers: readonly Place[],
  path: FieldPath,
  warnings: string[],
): void {
  const warn = (key: string, advice: string) => {
    if (annotations[key] === undefined) return
    warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${advice}`)
  }
  if (!spec.securityContext?.seccompProfile) warn(SECCOMP, NO_SECCOMP)
  const isTemplate = String(path) !== ''
  for (const { container } of containers) {
    const { name, securityContext } = container
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
  const nameless: string[] = []
  for (const [i, { name = '' }] of (spec.imagePullSecrets ?? []).entries()) {
    const field = path.child('imagePullSecrets').index(i).child('name')
    if (!name) nameless.push(`${field}: invalid empty name ""`)
    if (names.has(name)) warnings.push(`${field}: duplicate name ${JSON.stringify(name)}`)
    names.add(name)
  }
  warnings.push(...nameless)
}

function containerWarnings({ container, path }: Place, warnings: string[]): void {
  const { env, resources } = container
  if (env) hiddenWarnings(env, path.child('env'), warnings)
  if (!resources) return
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const kind of ['limits', 'requests'] as const) {
      const field = path.child('resources', kind).key(resource)
      warnings.push(...fractionWarnings(resources[kind]?.[resource], field))
    }
  }
}

function hiddenWarnings(env: readonly EnvVar[], path: FieldPath, warnings: string[]): void {
  const names = new Set<string>()
  for (const [i, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference)
    if (names.has(name) && hides) {
      warnings.push(
        `${path.index(i)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
      )
    }
    names.add(name)
  }
}

interface Taken {
  readonly field: FieldPath
  readonly hostPort: number
  readonly hostIP: string
}

/** Ports of all containers are ports of one Pod. */
function portWarnings(containers: readonly Place[], warnings: string[]): void {
  const known = new Map<string, Taken[]>()
  for (const { container, path } of containers) {
    for (const [i, port] of (container.ports ?? []).entries()) {
      const { containerPort, protocol, hostPort = 0, hostIP = '', name = '' } = port
      const field = path.child('ports').index(i)
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

import {
  type Container,
  type FieldPath,
  isDns1123Label,
  type ObjectMeta,
  type PodSpec,
  parseQuantity,
} from '@miniplane/api'

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

/** Annotations that were fields in waiting and do nothing any more, by what they begin with. */
const DEAD_ANNOTATIONS: readonly (readonly [prefix: string, advice: string])[] = [
  [
    'seccomp.security.alpha.kubernetes.io/pod',
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [
    'container.seccomp.security.alpha.kubernetes.io/',
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [
    'scheduler.alpha.kubernetes.io/critical-pod',
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
]

/** A Pod, or a template for one. */
interface PodLike {
  readonly metadata?: ObjectMeta
  readonly spec: PodSpec
}

/** What is allowed in a Pod and yet most likely not meant. */
export function podWarnings({ metadata, spec }: PodLike, path: FieldPath): string[] {
  const warnings: string[] = []
  const at = path.child('spec')
  for (const label of Object.keys(spec.nodeSelector ?? {}).sort()) {
    const advice = DEPRECATED_NODE_LABELS[label]
    if (advice) warnings.push(`${at.child('nodeSelector').key(label)}: ${advice}`)
  }
  for (const key of Object.keys(metadata?.annotations ?? {}).sort()) {
    const dead = DEAD_ANNOTATIONS.find(([prefix]) => key.startsWith(prefix))
    if (dead) warnings.push(`${path.child('metadata', 'annotations').key(key)}: ${dead[1]}`)
  }
  duplicateWarnings(spec, at, warnings)
  for (const kind of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (spec[kind] ?? []).entries()) {
      containerWarnings(container, at.child(kind).index(i), warnings)
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const field = at.child('terminationGracePeriodSeconds')
    warnings.push(`${field}: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  return warnings
}

/** A workload's name begins the names of its Pods, which are the names of their hosts. */
export function podNameWarnings({ name = '' }: ObjectMeta): string[] {
  const faults = isDns1123Label(name)
  if (faults.length === 0) return []
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${faults.join(' ')}]`,
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
  portWarnings(container, path, warnings)
  for (const resource of ['memory', 'ephemeral-storage']) {
    for (const kind of ['limits', 'requests'] as const) {
      const amount = container.resources?.[kind]?.[resource]
      if (amount === undefined || parseQuantity(amount).isInteger) continue
      const field = path.child('resources', kind).key(resource)
      warnings.push(
        `${field}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
      )
    }
  }
}

function portWarnings({ ports }: Container, path: FieldPath, warnings: string[]): void {
  const known = new Map<string, number>()
  for (const [i, { containerPort, protocol, hostPort, hostIP }] of (ports ?? []).entries()) {
    const key = `${containerPort}/${protocol}/${hostPort ?? 0}/${hostIP ?? ''}`
    const first = known.get(key)
    if (first === undefined) known.set(key, i)
    else {
      const [one, other] = [path.child('ports').index(i), path.child('ports').index(first)]
      warnings.push(`${one}: duplicate port definition with ${other}`)
    }
  }
}

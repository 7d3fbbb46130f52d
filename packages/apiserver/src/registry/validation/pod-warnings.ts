import { type Container, type FieldPath, type PodSpec, parseQuantity } from '@miniplane/api'

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

/** What is allowed in a Pod's spec and yet most likely not meant. */
export function podWarnings(spec: PodSpec, path: FieldPath): string[] {
  const warnings: string[] = []
  for (const label of Object.keys(spec.nodeSelector ?? {}).sort()) {
    const advice = DEPRECATED_NODE_LABELS[label]
    if (advice) warnings.push(`${path.child('nodeSelector').key(label)}: ${advice}`)
  }
  for (const kind of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (spec[kind] ?? []).entries()) {
      containerWarnings(container, path.child(kind).index(i), warnings)
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const field = path.child('terminationGracePeriodSeconds')
    warnings.push(`${field}: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  return warnings
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
      if (amount === undefined || parseQuantity(amount).isInteger) continue
      const field = path.child('resources', kind).key(resource)
      warnings.push(
        `${field}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`,
      )
    }
  }
}

import {
  invalid,
  type KubeObject,
  type Namespace,
  type Pod,
  type PodTemplateSpec,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import type { PodLike } from '../pod-security/check.js'
import {
  isOpen,
  isSame,
  isStricter,
  type LevelVersion,
  type Policy,
  policyOf,
  reasonsOf,
  violationsOf,
} from '../pod-security/policy.js'
import { refuse } from './request-kinds.js'

type Spec = { template?: PodTemplateSpec; jobTemplate?: { spec: { template: PodTemplateSpec } } }
const templateOf = (object: KubeObject) => (object.spec as Spec | undefined)?.template

/** Where the Pod is in the kinds that make Pods. */
const TEMPLATES: Readonly<Record<string, (object: KubeObject) => PodTemplateSpec | undefined>> = {
  '/podtemplates': (object) => object.template as PodTemplateSpec | undefined,
  '/replicationcontrollers': templateOf,
  'apps/daemonsets': templateOf,
  'apps/deployments': templateOf,
  'apps/replicasets': templateOf,
  'apps/statefulsets': templateOf,
  'batch/cronjobs': (object) => (object.spec as Spec | undefined)?.jobTemplate?.spec.template,
  'batch/jobs': templateOf,
}

/** Through these a Pod's spec can change. */
const OF_PODS = new Set(['', 'ephemeralcontainers', 'resize'])
/** When a namespace becomes stricter, so many of its Pods are looked at. */
const PODS_MAX = 3000

/** Pods keep to the security level of their namespace, and those who make Pods are warned. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  handles(operation, { group, resource }, subresource) {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return false
    if (group === '' && resource === 'pods') return OF_PODS.has(subresource)
    if (subresource !== '') return false
    return (group === '' && resource === 'namespaces') || `${group}/${resource}` in TEMPLATES
  },
  validate(request) {
    const { definition, context, namespace = '', object } = request
    if (!object) return
    if (definition.resource === 'namespaces') {
      checkNamespace(request, object as Namespace)
      return
    }
    const home = context.lister.get('', 'namespaces', undefined, namespace) as Namespace | undefined
    const policy = policyOf(home?.metadata.labels)
    if (isOpen(policy.enforce) && isOpen(policy.warn)) return
    if (definition.resource === 'pods') {
      checkPod(request, object as unknown as Pod, policy)
      return
    }
    const template = TEMPLATES[`${definition.group}/${definition.resource}`]?.(object)
    const violations = template && violationsOf(template, policy.warn)
    if (violations) request.warn(`would ${violations}`)
  },
}

function checkPod(request: AdmissionRequest, pod: Pod, { enforce, warn }: Policy): void {
  const stored = request.oldObject as unknown as Pod | undefined
  if (stored && !runsSomethingElse(pod, stored)) return
  const violations = violationsOf(pod, enforce)
  if (violations) throw refuse(request, violations.replace('violate', 'violates'))
  if (isSame(enforce, warn)) return
  const others = violationsOf(pod, warn)
  if (others) request.warn(`would ${others}`)
}

/** Whether a change of a Pod is one that a level could have something against. */
function runsSomethingElse(pod: Pod, stored: Pod): boolean {
  return (['containers', 'initContainers', 'ephemeralContainers'] as const).some((kind) => {
    const [after, before] = [pod.spec[kind] ?? [], stored.spec[kind] ?? []]
    if (kind !== 'ephemeralContainers' && after.length !== before.length) return true
    return after.some(({ name, image }) => before.find((one) => one.name === name)?.image !== image)
  })
}

/** Labels that nobody understands are refused when they are set, and Pods there are looked at. */
function checkNamespace(request: AdmissionRequest, namespace: Namespace): void {
  const { definition, name, oldObject } = request
  const { enforce, faults } = policyOf(namespace.metadata.labels)
  const before = oldObject && policyOf(oldObject.metadata.labels)
  const isNew = JSON.stringify(faults) !== JSON.stringify(before?.faults ?? [])
  if (faults.length > 0 && isNew) throw invalid(definition, name, [...faults])
  if (!before || !isStricter(enforce, before.enforce)) return
  for (const text of warningsOfPods(request, namespace, enforce)) request.warn(text)
}

function warningsOfPods(
  { context }: AdmissionRequest,
  { metadata: { name = '' } }: Namespace,
  enforce: LevelVersion,
): string[] {
  const all = [...context.lister.list('', 'pods', name)] as unknown as (Pod & PodLike)[]
  const byReasons = new Map<string, string[]>()
  for (const pod of all.slice(0, PODS_MAX)) {
    const reasons = reasonsOf(pod, enforce)
    if (reasons === undefined) continue
    byReasons.set(reasons, [...(byReasons.get(reasons) ?? []), pod.metadata.name ?? ''])
  }
  const warnings: string[] = []
  if (all.length > PODS_MAX) {
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${PODS_MAX} of ${all.length} existing pods`,
    )
  }
  if (byReasons.size === 0) return warnings
  const level = `"${enforce.level}:${enforce.version}"`
  warnings.push(
    `existing pods in namespace "${name}" violate the new PodSecurity enforce level ${level}`,
  )
  return [
    ...warnings,
    ...[...byReasons].map(([reasons, names]) => `${who(names)}: ${reasons}`).sort(),
  ]
}

/** The first by name, and how many others. */
function who(names: readonly string[]): string {
  const [first = ''] = [...names].sort()
  const others = names.length - 1
  return others === 0 ? first : `${first} (and ${others} other pod${others === 1 ? '' : 's'})`
}

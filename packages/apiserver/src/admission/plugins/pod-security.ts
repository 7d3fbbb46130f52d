import type { KubeObject, Namespace, PodTemplateSpec } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import type { PodLike } from '../pod-security/checks.js'
import { isOpen, isSame, policyOf, violationsOf } from '../pod-security/policy.js'
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

/** Pods keep to the security level of their namespace, and those who make Pods are warned. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  handles(operation, { group, resource }, subresource) {
    if (group === '' && resource === 'pods') {
      const addsContainers = operation === 'UPDATE' && subresource === 'ephemeralcontainers'
      return addsContainers || (operation === 'CREATE' && subresource === '')
    }
    const isWrite = operation === 'CREATE' || operation === 'UPDATE'
    return isWrite && subresource === '' && `${group}/${resource}` in TEMPLATES
  },
  validate(request) {
    const { definition, context, namespace = '', object } = request
    if (!object) return
    const home = context.lister.get('', 'namespaces', undefined, namespace) as Namespace | undefined
    const policy = policyOf(home?.metadata.labels)
    if (isOpen(policy.enforce) && isOpen(policy.warn)) return
    if (definition.resource === 'pods') {
      checkPod(request, object as unknown as PodLike, policy)
      return
    }
    const template = TEMPLATES[`${definition.group}/${definition.resource}`]?.(object)
    const violations = template && violationsOf(template, policy.warn)
    if (violations) request.warn(`would ${violations}`)
  },
}

function checkPod(
  request: AdmissionRequest,
  pod: PodLike,
  { enforce, warn }: ReturnType<typeof policyOf>,
): void {
  const violations = violationsOf(pod, enforce)
  if (violations) throw refuse(request, violations.replace('violate', 'violates'))
  if (isSame(enforce, warn)) return
  const others = violationsOf(pod, warn)
  if (others) request.warn(`would ${others}`)
}

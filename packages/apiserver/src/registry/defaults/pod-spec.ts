import type {
  Container,
  LifecycleHandler,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from '@miniplane/api'
import { aggregateContainers } from '../core/pod-resources.js'
import { isHugePages, isPodLevelResource } from '../validation/resources.js'
import { defaultPullPolicy } from './image.js'
import { setVolumeDefaults } from './volumes.js'

/** Defaults of a Pod's spec and of a template's. Idempotent. */
export function setPodSpecDefaults(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.securityContext ??= {}
  spec.schedulerName ??= 'default-scheduler'
  // Two names for one field: the older clients write and read the second.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume)
  for (const container of spec.containers ?? []) setContainerDefaults(container)
  for (const container of spec.initContainers ?? []) setContainerDefaults(container)
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container)
}

export function setPodTemplateDefaults(template: PodTemplateSpec | undefined): void {
  if (template?.spec) setPodSpecDefaults(template.spec)
}

/** Defaults that only Pods have: a template leaves them to the Pods made from it. */
export function setPodDefaults({ spec }: Pod): void {
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    requestLimits(container)
    if (spec.hostNetwork) exposeOnHost(container)
  }
  setPodLevelResources(spec)
}

/** On the host's network a container's port is a port of the host. */
function exposeOnHost({ ports = [] }: Container): void {
  for (const port of ports) if (port.containerPort) port.hostPort ||= port.containerPort
}

/** A container that has a limit and no request asks for its limit. */
function requestLimits(container: Container): void {
  const limits = container.resources?.limits
  for (const name in limits) {
    container.resources.requests ??= {}
    container.resources.requests[name] ??= limits[name] as string
  }
}

/** A Pod that says something as a whole says the rest as its containers do. Source: KEP-2837. */
function setPodLevelResources(spec: PodSpec): void {
  const whole = spec.resources
  if (!whole || !(hasAny(whole.limits) || hasAny(whole.requests))) return
  const limits = { ...whole.limits }
  for (const [name, sum] of aggregateContainers(spec, 'limits')) {
    if (isHugePages(name) && whole.requests?.[name] === undefined) limits[name] ??= sum
  }
  if (!hasAny(limits)) return
  whole.limits = limits
  const requests = { ...whole.requests }
  for (const [name, sum] of aggregateContainers(spec, 'requests')) {
    if (name === 'cpu' || name === 'memory') requests[name] ??= sum
  }
  for (const name in limits) {
    if (isPodLevelResource(name)) requests[name] ??= limits[name] as string
  }
  if (hasAny(requests)) whole.requests = requests
}

const hasAny = (amounts: Readonly<Record<string, string>> | undefined): boolean =>
  amounts !== undefined && Object.keys(amounts).length > 0

function setContainerDefaults(container: Container): void {
  container.resources ??= {}
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  container.imagePullPolicy ??= defaultPullPolicy(container.image ?? '')
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1'
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false
  }
  setProbeDefaults(container.livenessProbe)
  setProbeDefaults(container.readinessProbe)
  setProbeDefaults(container.startupProbe)
  setHandlerDefaults(container.lifecycle?.postStart)
  setHandlerDefaults(container.lifecycle?.preStop)
}

function setProbeDefaults(probe: Probe | undefined): void {
  if (!probe) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.grpc) probe.grpc.service ??= ''
  setHandlerDefaults(probe)
}

function setHandlerDefaults(handler: Probe | LifecycleHandler | undefined): void {
  if (!handler?.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

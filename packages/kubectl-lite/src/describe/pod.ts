import type { KubeObject, Pod } from '@miniplane/api'
import { humanDuration } from '../printers/human-duration.js'
import { writeContainers } from './containers.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { writeSpreadConstraints, writeTolerations } from './pod-template.js'
import { controlledBy, longTime, writeAnnotations, writeLabels } from './text.js'
import { writeVolumes } from './volumes.js'
import type { DescribeWriter } from './writer.js'

export async function describePod(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const pod = object as unknown as Pod
  const { spec, status } = pod
  writeHead(writer, pod, context.nowMs)
  const owner = controlledBy(object)
  if (owner) writer.field('Controlled By', owner)
  if (status?.nominatedNodeName) writer.field('NominatedNodeName', status.nominatedNodeName)
  if ((spec?.initContainers ?? []).length > 0) {
    const statuses = status?.initContainerStatuses ?? []
    writeContainers(writer, spec?.initContainers, { title: 'Init Containers', statuses, pod })
  }
  const statuses = status?.containerStatuses ?? []
  writeContainers(writer, spec?.containers, { title: 'Containers', statuses, pod })
  writeConditions(writer, pod)
  writeVolumes(writer, spec?.volumes)
  writer.field('QoS Class', status?.qosClass ?? 'BestEffort')
  writeLabels(writer, 'Node-Selectors', spec?.nodeSelector)
  writeTolerations(writer, 'Tolerations', spec?.tolerations)
  writeSpreadConstraints(writer, spec?.topologySpreadConstraints)
  await writeEvents(object, context)
}

function writeHead(writer: DescribeWriter, { metadata, spec, status }: Pod, nowMs: number): void {
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  if (spec?.priority !== undefined) writer.field('Priority', spec.priority)
  if (spec?.priorityClassName) writer.field('Priority Class Name', spec.priorityClassName)
  if (spec?.runtimeClassName) writer.field('Runtime Class Name', spec.runtimeClassName)
  if (spec?.serviceAccountName) writer.field('Service Account', spec.serviceAccountName)
  writer.field('Node', spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>')
  if (status?.startTime) writer.field('Start Time', longTime(status.startTime))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded'
  if (metadata.deletionTimestamp && !isOver) {
    const lasts = humanDuration(nowMs - Date.parse(metadata.deletionTimestamp))
    writer.field('Status', `Terminating (lasts ${lasts})`)
    writer.field('Termination Grace Period', `${metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else writer.field('Status', status?.phase)
  if (status?.reason) writer.field('Reason', status.reason)
  if (status?.message) writer.field('Message', status.message)
  const seccomp = spec?.securityContext?.seccompProfile
  if (seccomp) writer.field('SeccompProfile', seccomp.type)
  if (seccomp?.type === 'Localhost') writer.field('LocalhostProfile', seccomp.localhostProfile)
  writer.field('IP', status?.podIP)
  const ips = status?.podIPs ?? []
  writer.line(0, ips.length === 0 ? 'IPs:\t<none>' : 'IPs:')
  for (const { ip } of ips) writer.field('IP', ip, 1)
}

function writeConditions(writer: DescribeWriter, { spec, status }: Pod): void {
  const conditions = status?.conditions ?? []
  const gates = spec?.readinessGates ?? []
  if (gates.length > 0) {
    writer.line(0, 'Readiness Gates:')
    writer.line(1, 'Type\tStatus')
    for (const { conditionType } of gates) {
      const found = conditions.find(({ type }) => type === conditionType)
      writer.line(1, `${conditionType} \t${found?.status ?? '<none>'} `)
    }
  }
  if (conditions.length === 0) return
  writer.line(0, 'Conditions:')
  writer.line(1, 'Type\tStatus')
  for (const { type, status: state } of conditions) writer.line(1, `${type} \t${state} `)
}

import {
  controllerOf,
  type DaemonSet,
  type Deployment,
  type KubeList,
  type KubeObject,
  type LabelSelector,
  type Pod,
  type ReplicaSet,
  type ReplicationController,
  type StatefulSet,
} from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { describePodTemplate } from './pod-template.js'
import { newAndOldReplicaSets, replicaSetsText } from './replica-sets.js'
import { controlledBy, longTime, mapSelector, writeAnnotations, writeLabels } from './text.js'
import type { DescribeWriter } from './writer.js'

const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }

export async function describeDeployment(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as Deployment
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('Selector', selectorText(spec?.selector))
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {}
  const { unavailableReplicas = 0 } = status ?? {}
  writer.field(
    'Replicas',
    `${spec?.replicas ?? 0} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  )
  writer.field('StrategyType', spec?.strategy?.type)
  writer.field('MinReadySeconds', spec?.minReadySeconds ?? 0)
  const rolling = spec?.strategy?.rollingUpdate
  if (rolling) {
    writer.field(
      'RollingUpdateStrategy',
      `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`,
    )
  }
  describePodTemplate(writer, spec?.template)
  writeConditions(writer, status?.conditions)
  const { newest, old } = await newAndOldReplicaSets(object, context)
  writer.field('OldReplicaSets', replicaSetsText(old))
  writer.field('NewReplicaSet', replicaSetsText(newest ? [newest] : []))
  await writeEvents(object, context)
}

interface WorkloadCondition {
  readonly type?: string
  readonly status?: string
  readonly reason?: string
}

function writeConditions(
  writer: DescribeWriter,
  conditions: readonly WorkloadCondition[] = [],
): void {
  if (conditions.length === 0) return
  writer.line(0, 'Conditions:')
  writer.line(1, 'Type\tStatus\tReason')
  writer.line(1, '----\t------\t------')
  for (const { type, status, reason } of conditions) {
    writer.line(1, `${type} \t${status}\t${reason ?? ''}`)
  }
}

export async function describeReplicaSet(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { spec } = object as unknown as ReplicaSet
  await describeReplicas(object, selectorText(spec?.selector), context)
}

export async function describeReplicationController(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { spec } = object as unknown as ReplicationController
  await describeReplicas(object, mapSelector(spec?.selector), context)
}

async function describeReplicas(
  object: KubeObject,
  selector: string,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as ReplicaSet
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('Selector', selector)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  const owner = controlledBy(object)
  if (owner) writer.field('Controlled By', owner)
  writer.field('Replicas', `${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`)
  await writePodsStatus(object, selector, context)
  describePodTemplate(writer, spec?.template)
  writeConditions(writer, status?.conditions)
  await writeEvents(object, context)
}

async function writePodsStatus(
  object: KubeObject,
  selector: string,
  { session, writer }: DescribeContext,
): Promise<void> {
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(PODS, object.metadata.namespace),
    query: { labelSelector: selector === '<none>' ? '' : selector },
  })) as unknown as KubeList
  const pods = list.items.filter((pod) => controllerOf(pod)?.uid === object.metadata.uid)
  const count = (phase: string) =>
    pods.filter((pod) => (pod as unknown as Pod).status?.phase === phase).length
  writer.field(
    'Pods Status',
    `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
  )
}

export async function describeDaemonSet(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as DaemonSet
  const selector = selectorText(spec?.selector as LabelSelector | undefined)
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('Selector', selector)
  writer.field('Node-Selector', mapSelector(spec?.template?.spec?.nodeSelector))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  const counts: [string, number | undefined][] = [
    ['Desired Number of Nodes Scheduled', status?.desiredNumberScheduled],
    ['Current Number of Nodes Scheduled', status?.currentNumberScheduled],
    ['Number of Nodes Scheduled with Up-to-date Pods', status?.updatedNumberScheduled],
    ['Number of Nodes Scheduled with Available Pods', status?.numberAvailable],
    ['Number of Nodes Misscheduled', status?.numberMisscheduled],
  ]
  for (const [title, value = 0] of counts) writer.line(0, `${title}: ${value}`)
  await writePodsStatus(object, selector, context)
  describePodTemplate(writer, spec?.template)
  await writeEvents(object, context)
}

export async function describeStatefulSet(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as StatefulSet
  const selector = selectorText(spec?.selector)
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  writer.field('Selector', selector)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('Replicas', `${spec?.replicas ?? 0} desired | ${status?.replicas ?? 0} total`)
  writer.field('Update Strategy', spec?.updateStrategy?.type)
  const { partition, maxUnavailable } = spec?.updateStrategy?.rollingUpdate ?? {}
  if (partition !== undefined) writer.field('Partition', partition, 1)
  if (maxUnavailable !== undefined) writer.field('MaxUnavailable', maxUnavailable, 1)
  await writePodsStatus(object, selector, context)
  describePodTemplate(writer, spec?.template)
  writeClaimTemplates(writer, spec?.volumeClaimTemplates)
  await writeEvents(object, context)
}

function writeClaimTemplates(
  writer: DescribeWriter,
  templates: NonNullable<StatefulSet['spec']>['volumeClaimTemplates'] = [],
): void {
  if (templates.length === 0) {
    writer.line(0, 'Volume Claims:\t<none>')
    return
  }
  writer.line(0, 'Volume Claims:')
  for (const { metadata, spec } of templates) {
    writer.field('Name', metadata.name, 1)
    writer.field('StorageClass', spec?.storageClassName ?? '', 1)
    writeLabels(writer, '  Labels', metadata.labels)
    writeAnnotations(writer, '  Annotations', metadata.annotations)
    writer.field('Capacity', spec?.resources?.requests?.storage ?? '<default>', 1)
    writer.field('Access Modes', `[${(spec?.accessModes ?? []).join(' ')}]`, 1)
  }
}

import type {
  CSINode,
  KubeList,
  KubeObject,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  Volume,
  VolumeAttributesClass,
} from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, mapSelector, writeAnnotations, writeLabels, writeList } from './text.js'
import { simpleSource, writeFields, writeVolumeAttributes } from './volumes.js'
import type { DescribeWriter } from './writer.js'

const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }
const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

const modesText = (modes: readonly string[] = []): string =>
  modes.map((mode) => MODES[mode] ?? mode).join(',')

const listText = (items: readonly string[] = []): string => `[${items.join(' ')}]`

export async function describePersistentVolumeClaim(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as PersistentVolumeClaim
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('StorageClass', spec?.storageClassName ?? '')
  writer.field('Status', metadata.deletionTimestamp ? 'Terminating' : status?.phase)
  writer.field('Volume', spec?.volumeName ?? '')
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('Finalizers', listText(metadata.finalizers))
  const isBound = (spec?.volumeName ?? '') !== ''
  writer.field('Capacity', isBound ? (status?.capacity?.storage ?? '') : '')
  writer.field('Access Modes', isBound ? modesText(status?.accessModes) : '')
  if (spec?.volumeMode) writer.field('VolumeMode', spec.volumeMode)
  const { dataSource } = spec ?? {}
  if (dataSource) {
    writer.line(0, 'DataSource:')
    writer.field('APIGroup', dataSource.apiGroup ?? '', 1)
    writer.field('Kind', dataSource.kind, 1)
    writer.field('Name', dataSource.name, 1)
  }
  writeList(writer, 'Used By', await usersOf(object, context))
  const conditions = status?.conditions ?? []
  if (conditions.length > 0) {
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
    writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const one of conditions) {
      const { lastProbeTime, lastTransitionTime, reason = '', message = '' } = one
      writer.line(
        1,
        `${one.type} \t${one.status} \t${longTime(lastProbeTime)} \t${longTime(lastTransitionTime)} \t${reason} \t${message}`,
      )
    }
  }
  await writeEvents(object, context)
}

async function usersOf({ metadata }: KubeObject, { session }: DescribeContext): Promise<string[]> {
  const path = resourcePath(PODS, metadata.namespace)
  const list = (await session.rest.object({ method: 'GET', path })) as unknown as KubeList
  return (list.items as unknown as Pod[])
    .filter((pod) =>
      (pod.spec?.volumes ?? []).some(
        ({ persistentVolumeClaim: claim }) => claim?.claimName === metadata.name,
      ),
    )
    .map((pod) => pod.metadata.name ?? '')
}

export async function describePersistentVolume(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as PersistentVolume
  writer.field('Name', metadata.name)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('Finalizers', listText(metadata.finalizers))
  writer.field('StorageClass', spec?.storageClassName ?? '')
  const phase = metadata.deletionTimestamp ? `Terminating` : status?.phase
  writer.field('Status', phase)
  const { claimRef } = spec ?? {}
  writer.field('Claim', claimRef ? `${claimRef.namespace}/${claimRef.name}` : '')
  writer.field('Reclaim Policy', spec?.persistentVolumeReclaimPolicy)
  writer.field('Access Modes', modesText(spec?.accessModes))
  if (spec?.volumeMode) writer.field('VolumeMode', spec.volumeMode)
  writer.field('Capacity', spec?.capacity?.storage)
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const { nodeAffinity } = spec ?? {}
  writer.line(0, `Node Affinity:\t${nodeAffinity?.required ? '' : '<none>'}`)
  if (nodeAffinity?.required) {
    writer.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`)
  }
  for (const [at, { matchExpressions = [] }] of terms.entries()) {
    writeTerm(writer, 2, at, matchExpressions)
  }
  writer.field('Message', status?.message ?? '')
  writer.line(0, 'Source:')
  writePersistentSource(writer, spec)
  await writeEvents(object, context)
}

interface Expression {
  readonly key: string
  readonly operator?: string
  readonly values?: readonly string[]
}

/** What has to be true of a place, a line each; without an operator the place is one of the values. */
function writeTerm(
  writer: DescribeWriter,
  level: number,
  at: number,
  expressions: readonly Expression[],
): void {
  const lines = expressions.map(({ key, operator = 'in', values = [] }) => {
    const list = values.length > 0 ? ` [${values.join(', ')}]` : ''
    return `${key} ${operator.toLowerCase()}${list}`
  })
  writer.field(`Term ${at}`, lines[0] ?? '<none>', level)
  for (const line of lines.slice(1)) writer.line(level, `\t${line}`)
}

function writePersistentSource(writer: DescribeWriter, spec: PersistentVolume['spec']): void {
  const { csi, local } = spec ?? {}
  if (csi) {
    writer.field('Type', 'CSI (a Container Storage Interface (CSI) volume source)', 2)
    writer.field('Driver', csi.driver, 2)
    writer.field('FSType', csi.fsType ?? '', 2)
    writer.field('VolumeHandle', csi.volumeHandle, 2)
    writer.field('ReadOnly', csi.readOnly ?? false, 2)
    writeVolumeAttributes(writer, csi.volumeAttributes)
    return
  }
  if (local) {
    writer.field('Type', 'LocalVolume (a persistent volume backed by local storage on a node)', 2)
    writer.field('Path', local.path, 2)
    return
  }
  writeFields(writer, simpleSource(spec as unknown as Partial<Volume>), 2)
}

export async function describeVolumeAttributesClass(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, driverName, parameters } = object as unknown as VolumeAttributesClass
  writer.field('Name', metadata.name)
  writer.field('Annotations', mapSelector(metadata.annotations))
  writer.field('DriverName', driverName)
  writer.field('Parameters', mapSelector(parameters))
  await writeEvents(object, context)
}

export async function describeCsiNode(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, spec } = object as unknown as CSINode
  writer.field('Name', metadata.name)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  writer.line(0, 'Spec:')
  if (spec?.drivers) writer.line(1, 'Drivers:')
  for (const { name, nodeID, allocatable, topologyKeys } of spec?.drivers ?? []) {
    writer.line(2, `${name}:`)
    writer.field('Node ID', nodeID, 3)
    if (allocatable?.count !== undefined) {
      writer.line(3, 'Allocatables:')
      writer.field('Count', allocatable.count, 4)
    }
    if (topologyKeys) writer.field('Topology Keys', listText(topologyKeys), 3)
  }
  await writeEvents(object, context)
}

export async function describeStorageClass(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const storageClass = object as unknown as StorageClass
  const {
    metadata,
    provisioner,
    parameters = {},
    allowVolumeExpansion,
    mountOptions = [],
  } = storageClass
  const annotation = metadata.annotations?.['storageclass.kubernetes.io/is-default-class']
  writer.field('Name', metadata.name)
  writer.field('IsDefaultClass', annotation === 'true' ? 'Yes' : 'No')
  writer.field('Annotations', mapSelector(metadata.annotations))
  writer.field('Provisioner', provisioner)
  writer.field('Parameters', mapSelector(parameters))
  const expansion =
    allowVolumeExpansion === undefined ? '<unset>' : allowVolumeExpansion ? 'True' : 'False'
  writer.field('AllowVolumeExpansion', expansion)
  writer.line(0, mountOptions.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:')
  for (const option of mountOptions) writer.line(1, option)
  if (storageClass.reclaimPolicy) writer.field('ReclaimPolicy', storageClass.reclaimPolicy)
  if (storageClass.volumeBindingMode) {
    writer.field('VolumeBindingMode', storageClass.volumeBindingMode)
  }
  const { allowedTopologies } = storageClass
  if (allowedTopologies) {
    writer.field('AllowedTopologies', allowedTopologies.length === 0 ? '<none>' : '')
  }
  for (const [at, { matchLabelExpressions = [] }] of (allowedTopologies ?? []).entries()) {
    writeTerm(writer, 1, at, matchLabelExpressions)
  }
  await writeEvents(object, context)
}

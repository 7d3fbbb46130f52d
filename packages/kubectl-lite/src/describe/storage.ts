import type {
  KubeList,
  KubeObject,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  Volume,
} from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { writeAnnotations, writeLabels, writeList } from './text.js'
import { simpleSource } from './volumes.js'

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
      const { lastProbeTime = '', lastTransitionTime = '', reason = '', message = '' } = one
      writer.line(
        1,
        `${one.type}\t${one.status}\t${lastProbeTime}\t${lastTransitionTime}\t${reason}\t${message}`,
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
  writer.line(0, terms.length === 0 ? 'Node Affinity:\t<none>' : 'Node Affinity:')
  if (terms.length > 0) writer.line(1, 'Required Terms:')
  for (const [at, { matchExpressions = [] }] of terms.entries()) {
    const text = matchExpressions
      .map(
        ({ key, operator, values = [] }) =>
          `${key} ${operator.toLowerCase()} [${values.join(', ')}]`,
      )
      .join('\n\t\t\t')
    writer.field(`Term ${at}`, text, 2)
  }
  writer.field('Message', status?.message ?? '')
  writer.line(0, 'Source:')
  for (const [title, value] of simpleSource(spec as unknown as Partial<Volume>)) {
    writer.field(title, value, 2)
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
  const pairs = (map: Record<string, string>) =>
    Object.entries(map)
      .sort()
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || '<none>'
  writer.field('Annotations', pairs(metadata.annotations ?? {}))
  writer.field('Provisioner', provisioner)
  writer.field('Parameters', pairs(parameters))
  const expansion =
    allowVolumeExpansion === undefined ? '<unset>' : allowVolumeExpansion ? 'True' : 'False'
  writer.field('AllowVolumeExpansion', expansion)
  writeList(writer, 'MountOptions', mountOptions)
  if (storageClass.reclaimPolicy) writer.field('ReclaimPolicy', storageClass.reclaimPolicy)
  if (storageClass.volumeBindingMode) {
    writer.field('VolumeBindingMode', storageClass.volumeBindingMode)
  }
  await writeEvents(object, context)
}

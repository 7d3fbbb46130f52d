import type {
  ConfigMap,
  Endpoints,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PodTemplate,
  ResourceQuota,
  Secret,
  Service,
} from '@miniplane/api'
import {
  ageColumn,
  column,
  labelsText,
  NONE,
  nameColumn,
  orNone,
  shortList,
  table,
  UNKNOWN,
  UNSET,
  wide,
} from './column.js'
import { docs } from './docs.js'
import { ageOf } from './duration.js'

export const namespaceTable = table<Namespace>([
  nameColumn,
  column('Status', 'string', 'The status of the namespace', ({ status }) => status.phase ?? ''),
  ageColumn,
])

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function nodeRoles({ metadata: { labels = {} } }: Node): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith(ROLE_PREFIX)) {
      if (key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length))
    } else if (key === 'kubernetes.io/role' && value) roles.add(value)
  }
  return roles.size === 0 ? NONE : [...roles].sort().join(',')
}

function nodeStatus({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown']
  if (spec.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const nodeAddress = (wanted: string) => (node: Node) =>
  node.status.addresses?.find(({ type }) => type === wanted)?.address ?? NONE

const nodeFact = (fact: 'osImage' | 'kernelVersion' | 'containerRuntimeVersion') => (node: Node) =>
  node.status.nodeInfo?.[fact] || UNKNOWN

function kernel(node: Node): string {
  const architecture = node.status.nodeInfo?.architecture
  const version = nodeFact('kernelVersion')(node)
  return architecture ? `${version} (${architecture})` : version
}

export const nodeTable = table<Node>([
  nameColumn,
  column('Status', 'string', 'The status of the node', nodeStatus),
  column('Roles', 'string', 'The roles of the node', nodeRoles),
  ageColumn,
  column(
    'Version',
    'string',
    docs.kubeletVersion,
    ({ status }) => status.nodeInfo?.kubeletVersion ?? '',
  ),
  wide('Internal-IP', 'string', docs.nodeAddresses, nodeAddress('InternalIP')),
  wide('External-IP', 'string', docs.nodeAddresses, nodeAddress('ExternalIP')),
  wide('OS-Image', 'string', docs.osImage, nodeFact('osImage')),
  wide('Kernel-Version', 'string', docs.kernelVersion, kernel),
  wide('Container-Runtime', 'string', docs.containerRuntime, nodeFact('containerRuntimeVersion')),
])

function externalAddresses({ spec, status }: Service): string {
  const external = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? ''
    case 'LoadBalancer': {
      const ingress = (status.loadBalancer?.ingress ?? []).map(
        ({ ip, hostname }) => ip || hostname || '',
      )
      const all = [...new Set(ingress.filter(Boolean).sort()), ...external]
      return all.length === 0 ? '<pending>' : all.join(',')
    }
    default:
      return external.length === 0 ? NONE : external.join(',')
  }
}

const servicePorts = ({ spec }: Service): string =>
  (spec.ports ?? [])
    .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
    .join(',') || NONE

export const serviceTable = table<Service>([
  nameColumn,
  column('Type', 'string', docs.serviceType, ({ spec }) => spec.type ?? ''),
  column('Cluster-IP', 'string', docs.clusterIP, ({ spec }) =>
    orNone(spec.clusterIPs?.[0] ?? spec.clusterIP),
  ),
  column('External-IP', 'string', docs.externalIPs, externalAddresses),
  column('Port(s)', 'string', docs.servicePorts, servicePorts),
  ageColumn,
  wide('Selector', 'string', docs.serviceSelector, ({ spec }) => labelsText(spec.selector)),
])

const sizeOf = (map: object | undefined) => Object.keys(map ?? {}).length

export const configMapTable = table<ConfigMap>([
  nameColumn,
  column(
    'Data',
    'string',
    docs.configMapData,
    ({ data, binaryData }) => sizeOf(data) + sizeOf(binaryData),
  ),
  ageColumn,
])

export const secretTable = table<Secret>([
  nameColumn,
  column('Type', 'string', docs.secretType, ({ type }) => type ?? ''),
  column('Data', 'string', docs.secretData, ({ data }) => sizeOf(data)),
  ageColumn,
])

export const serviceAccountTable = table([nameColumn, ageColumn])

function endpointsText({ subsets }: Endpoints): string {
  const all: string[] = []
  for (const { addresses = [], ports = [] } of subsets ?? []) {
    if (ports.length === 0) all.push(...addresses.map(({ ip }) => ip))
    for (const { port } of ports) all.push(...addresses.map(({ ip }) => `${ip}:${port}`))
  }
  return shortList(all)
}

export const endpointsTable = table<Endpoints>([
  nameColumn,
  column('Endpoints', 'string', docs.endpointsSubsets, endpointsText),
  ageColumn,
])

const isUnsetTime = (time: string | null | undefined) => !time

function lastSeen(event: Event, nowMs: number): string {
  if (event.series) return ageOf(event.series.lastObservedTime, nowMs)
  if (isUnsetTime(event.lastTimestamp)) return firstSeen(event, nowMs)
  return ageOf(event.lastTimestamp, nowMs)
}

function firstSeen(event: Event, nowMs: number): string {
  return ageOf(isUnsetTime(event.firstTimestamp) ? event.eventTime : event.firstTimestamp, nowMs)
}

function eventObject({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()
}

function eventSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || ''
  const host = source?.host || reportingInstance || ''
  return host ? `${component}, ${host}` : component
}

const eventCount = ({ series, count }: Event): number => (series ? (series.count ?? 0) : count || 1)

export const eventTable = table<Event>([
  column('Last Seen', 'string', docs.lastSeen, lastSeen),
  column('Type', 'string', docs.eventType, ({ type }) => type ?? ''),
  column('Reason', 'string', docs.eventReason, ({ reason }) => reason ?? ''),
  column('Object', 'string', docs.eventObject, eventObject),
  wide(
    'Subobject',
    'string',
    docs.eventSubobject,
    ({ involvedObject }) => involvedObject.fieldPath ?? '',
  ),
  wide('Source', 'string', docs.eventSource, eventSource),
  column('Message', 'string', docs.eventMessage, ({ message }) => (message ?? '').trim()),
  wide('First Seen', 'string', docs.firstSeen, firstSeen),
  wide('Count', 'string', docs.eventCount, eventCount),
  { ...nameColumn, definition: { ...nameColumn.definition, priority: 1 } },
])

const MODE_SHORT: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}
const MODE_ORDER = Object.keys(MODE_SHORT)

const accessModes = (modes: readonly string[] | undefined): string =>
  MODE_ORDER.filter((mode) => modes?.includes(mode))
    .map((mode) => MODE_SHORT[mode])
    .join(',')

function claimPhase({ metadata, status }: PersistentVolumeClaim): string {
  return metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '')
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

export const claimTable = table<PersistentVolumeClaim>([
  nameColumn,
  column('Status', 'string', docs.claimPhase, claimPhase),
  column('Volume', 'string', docs.volumeName, ({ spec }) => spec.volumeName ?? ''),
  column('Capacity', 'string', docs.claimCapacity, ({ spec, status }) =>
    spec.volumeName ? (status.capacity?.storage ?? '0') : '',
  ),
  column('Access Modes', 'string', docs.claimAccessModes, ({ spec, status }) =>
    spec.volumeName ? accessModes(status.accessModes) : '',
  ),
  column(
    'StorageClass',
    'string',
    'StorageClass of the pvc',
    ({ metadata, spec }) => metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
  ),
  column(
    'VolumeAttributesClass',
    'string',
    'VolumeAttributesClass of the pvc',
    ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
  ),
  ageColumn,
  wide('VolumeMode', 'string', docs.claimVolumeMode, ({ spec }) => spec.volumeMode ?? UNSET),
])

export const volumeTable = table<PersistentVolume>([
  nameColumn,
  column('Capacity', 'string', docs.volumeCapacity, ({ spec }) => spec.capacity?.storage ?? ''),
  column('Access Modes', 'string', docs.volumeAccessModes, ({ spec }) =>
    accessModes(spec.accessModes),
  ),
  column(
    'Reclaim Policy',
    'string',
    docs.volumeReclaimPolicy,
    ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
  ),
  column('Status', 'string', docs.volumePhase, ({ metadata, status }) =>
    metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
  ),
  column('Claim', 'string', docs.volumeClaim, ({ spec }) =>
    spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '',
  ),
  column(
    'StorageClass',
    'string',
    'StorageClass of the pv',
    ({ metadata, spec }) => metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '',
  ),
  column(
    'VolumeAttributesClass',
    'string',
    'VolumeAttributesClass of the pv',
    ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
  ),
  column('Reason', 'string', docs.volumeReason, ({ status }) => status.reason ?? ''),
  ageColumn,
  wide('VolumeMode', 'string', docs.volumeMode, ({ spec }) => spec.volumeMode ?? UNSET),
])

export const podTemplateTable = table<PodTemplate>([
  nameColumn,
  column('Containers', 'string', docs.containers, ({ template }) =>
    (template.spec.containers ?? []).map(({ name }) => name).join(','),
  ),
  column('Images', 'string', docs.images, ({ template }) =>
    (template.spec.containers ?? []).map(({ image }) => image ?? '').join(','),
  ),
  column('Pod Labels', 'string', 'The labels for the pod template.', ({ template }) =>
    labelsText(template.metadata.labels),
  ),
])

/** `cpu: 1/2, pods: 3/10`, of limits or of everything else. */
const quotaText =
  (wanted: 'limits' | 'requests') =>
  ({ status }: ResourceQuota): string =>
    Object.keys(status.hard ?? {})
      .sort()
      .filter((name) => name.startsWith('limits') === (wanted === 'limits'))
      .map((name) => `${name}: ${status.used?.[name] ?? '0'}/${status.hard?.[name]}`)
      .join(', ')

export const resourceQuotaTable = table<ResourceQuota>([
  nameColumn,
  column(
    'Request',
    'string',
    'Request represents a minimum amount of cpu/memory that a container may consume.',
    quotaText('requests'),
  ),
  column(
    'Limit',
    'string',
    'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    quotaText('limits'),
  ),
  ageColumn,
])

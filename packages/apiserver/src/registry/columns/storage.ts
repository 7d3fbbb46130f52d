import {
  type CSIDriver,
  type CSINode,
  DEFAULT_STORAGE_CLASS,
  type StorageClass,
  type VolumeAttachment,
  type VolumeAttributesClass,
} from '@miniplane/api'
import { ageColumn, column, NONE, nameColumn, nameOrDefault, table, UNSET } from './column.js'
import { docs } from './docs.js'

export const storageClassTable = table<StorageClass>([
  nameOrDefault(DEFAULT_STORAGE_CLASS),
  column('Provisioner', 'string', docs.provisioner, ({ provisioner }) => provisioner),
  column(
    'ReclaimPolicy',
    'string',
    docs.reclaimPolicy,
    ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
  ),
  column(
    'VolumeBindingMode',
    'string',
    docs.volumeBindingMode,
    ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
  ),
  column(
    'AllowVolumeExpansion',
    'string',
    docs.allowVolumeExpansion,
    ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  ),
  ageColumn,
])

const attacher = column<VolumeAttachment>(
  'Attacher',
  'string',
  docs.attacher,
  ({ spec }) => spec.attacher,
)
/** What kubectl takes for a name, too. */
const attacherColumn = { ...attacher, definition: { ...attacher.definition, format: 'name' } }

export const volumeAttachmentTable = table<VolumeAttachment>([
  nameColumn,
  attacherColumn,
  column(
    'PV',
    'string',
    docs.attachedVolume,
    ({ spec }) => spec.source?.persistentVolumeName ?? '',
  ),
  column('Node', 'string', docs.attachedNode, ({ spec }) => spec.nodeName),
  column('Attached', 'boolean', docs.attached, ({ status }) => status.attached ?? false),
  ageColumn,
])

export const csiDriverTable = table<CSIDriver>([
  nameColumn,
  column(
    'AttachRequired',
    'boolean',
    docs.attachRequired,
    ({ spec }) => spec.attachRequired ?? true,
  ),
  column(
    'PodInfoOnMount',
    'boolean',
    docs.podInfoOnMount,
    ({ spec }) => spec.podInfoOnMount ?? false,
  ),
  column(
    'StorageCapacity',
    'boolean',
    docs.storageCapacity,
    ({ spec }) => spec.storageCapacity ?? false,
  ),
  column(
    'TokenRequests',
    'string',
    docs.tokenRequests,
    ({ spec }) => (spec.tokenRequests ?? []).map(({ audience }) => audience).join(',') || UNSET,
  ),
  column(
    'RequiresRepublish',
    'boolean',
    docs.requiresRepublish,
    ({ spec }) => spec.requiresRepublish ?? false,
  ),
  column(
    'Modes',
    'string',
    docs.volumeLifecycleModes,
    ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || NONE,
  ),
  ageColumn,
])

export const csiNodeTable = table<CSINode>([
  nameColumn,
  column(
    'Drivers',
    'integer',
    'Drivers indicates the number of CSI drivers registered on the node',
    ({ spec }) => spec.drivers?.length ?? 0,
  ),
  ageColumn,
])

const DEFAULT_ATTRIBUTES = 'volumeattributesclass.alpha.kubernetes.io/is-default-class'

export const volumeAttributesClassTable = table<VolumeAttributesClass>([
  nameOrDefault([DEFAULT_ATTRIBUTES]),
  column('DriverName', 'string', docs.attributesDriver, ({ driverName }) => driverName),
  ageColumn,
])

import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  notSupported,
  required,
  tooLong,
} from '@miniplane/api'
import { oneOf } from './object-meta.js'
import { withoutBacksteps } from './paths.js'

/** Sources that Pods and PersistentVolumes have in common, and the fields that the rules read. */
export interface SharedSources {
  readonly hostPath?: { path: string; type?: string }
  readonly gcePersistentDisk?: { pdName: string; partition?: number }
  readonly awsElasticBlockStore?: { volumeID: string; partition?: number }
  readonly nfs?: { server: string; path: string }
  readonly iscsi?: IscsiSource
  readonly glusterfs?: { endpoints: string; path: string; endpointsNamespace?: string }
  readonly flocker?: { datasetName?: string; datasetUUID?: string }
  readonly rbd?: { monitors?: string[] | null; image: string }
  readonly cinder?: { volumeID: string; secretRef?: SecretName }
  readonly cephfs?: { monitors?: string[] | null }
  readonly quobyte?: { registry: string; volume: string; tenant?: string }
  readonly fc?: { targetWWNs?: string[]; lun?: number; wwids?: string[] }
  readonly flexVolume?: { driver: string; options?: Record<string, string> }
  readonly azureFile?: { secretName: string; shareName: string; secretNamespace?: string | null }
  readonly vsphereVolume?: { volumePath: string }
  readonly photonPersistentDisk?: { pdID: string }
  readonly portworxVolume?: { volumeID: string }
  readonly azureDisk?: AzureDisk
  readonly scaleIO?: { gateway: string; system: string; volumeName?: string }
  readonly storageos?: { volumeName?: string; volumeNamespace?: string; secretRef?: SecretName }
}

interface SecretName {
  readonly name?: string
  readonly namespace?: string
}

interface IscsiSource {
  readonly targetPortal: string
  readonly iqn: string
  readonly lun: number
  readonly chapAuthDiscovery?: boolean
  readonly chapAuthSession?: boolean
  readonly secretRef?: SecretName
  readonly initiatorName?: string
}

interface AzureDisk {
  readonly diskName: string
  readonly diskURI: string
  readonly cachingMode?: string
  readonly kind?: string
}

export type SharedKind = keyof SharedSources

/** What a rule knows beside the source: where it is, and what it belongs to. */
export interface SourceContext {
  readonly path: FieldPath
  /** Of the volume as a whole. */
  readonly volumePath: FieldPath
  readonly volumeName: string
  /** PersistentVolumes belong to no namespace, so their secrets name one. */
  readonly isPersistent: boolean
  readonly errors: FieldError[]
}

type Rules = {
  readonly [K in SharedKind]: (
    source: NonNullable<SharedSources[K]>,
    context: SourceContext,
  ) => void
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** Asks for fields that must hold something. */
export function needs(source: object, fields: readonly string[], context: NeedsContext): void {
  for (const field of fields) {
    const held = (source as Record<string, unknown>)[field]
    if (held === undefined || held === null || held === '' || isEmptyList(held)) {
      context.errors.push(required(context.path.child(field), ''))
    }
  }
}

type NeedsContext = Pick<SourceContext, 'path' | 'errors'>
const isEmptyList = (held: unknown) => Array.isArray(held) && held.length === 0

export const SHARED_RULES: Rules = {
  hostPath(source, context) {
    const { path, errors } = context
    needs(source, ['path'], context)
    if (!source.path) return
    withoutBacksteps(source.path, path.child('path'), errors)
    if (source.type !== undefined) oneOf(source.type, HOST_PATH_TYPES, path.child('type'), errors)
  },
  gcePersistentDisk: (source, context) => validateDisk(source, 'pdName', context),
  awsElasticBlockStore: (source, context) => validateDisk(source, 'volumeID', context),
  nfs(source, context) {
    needs(source, ['server', 'path'], context)
    if (!source.path?.startsWith('/')) {
      const at = context.path.child('path')
      context.errors.push(invalidValue(at, source.path ?? '', 'must be an absolute path'))
    }
  },
  iscsi: validateIscsi,
  glusterfs(source, context) {
    needs(source, ['endpoints', 'path'], context)
    const namespace = source.endpointsNamespace
    if (namespace === undefined || !context.isPersistent) return
    const at = context.path.child('endpointsNamespace')
    const faults = namespace
      ? isDns1123Label(namespace)
      : ['if the endpointnamespace is set, it must be a valid namespace name']
    for (const fault of faults) context.errors.push(invalidValue(at, namespace, fault))
  },
  flocker({ datasetName, datasetUUID }, { path, errors }) {
    if (!datasetName && !datasetUUID) {
      errors.push(required(path, 'one of datasetName and datasetUUID is required'))
    } else if (datasetName && datasetUUID) {
      const detail = 'datasetName and datasetUUID can not be specified simultaneously'
      errors.push(invalidValue(path, 'resource', detail))
    }
    if (datasetName?.includes('/')) {
      errors.push(invalidValue(path.child('datasetName'), datasetName, "must not contain '/'"))
    }
  },
  rbd: (source, context) => needs(source, ['monitors', 'image'], context),
  cinder(source, context) {
    needs(source, ['volumeID'], context)
    validateSecret(source.secretRef, context)
  },
  cephfs: (source, context) => needs(source, ['monitors'], context),
  quobyte: validateQuobyte,
  fc: validateFibreChannel,
  flexVolume(source, context) {
    needs(source, ['driver'], context)
    for (const option of Object.keys(source.options ?? {}).sort()) {
      const domain = option.includes('/') ? option.slice(0, option.indexOf('/')) : option
      if (!/\.(kubernetes|k8s)\.io$/.test(`.${domain.toLowerCase()}`)) continue
      const at = context.path.child('options').key(option)
      const detail = 'kubernetes.io and k8s.io namespaces are reserved'
      context.errors.push(invalidValue(at, option, detail))
    }
  },
  azureFile(source, context) {
    needs(source, ['secretName', 'shareName'], context)
    if (context.isPersistent && source.secretNamespace === '') {
      context.errors.push(required(context.path.child('secretNamespace'), ''))
    }
  },
  vsphereVolume: (source, context) => needs(source, ['volumePath'], context),
  photonPersistentDisk: (source, context) => needs(source, ['pdID'], context),
  portworxVolume: (source, context) => needs(source, ['volumeID'], context),
  azureDisk: validateAzureDisk,
  scaleIO: (source, context) => needs(source, ['gateway', 'system', 'volumeName'], context),
  storageos(source, context) {
    needs(source, ['volumeName'], context)
    for (const field of ['volumeName', 'volumeNamespace'] as const) {
      const value = source[field]
      if (!value) continue
      for (const fault of isDns1123Label(value)) {
        context.errors.push(invalidValue(context.path.child(field), value, fault))
      }
    }
    validateSecret(source.secretRef, context)
  },
}

/** Where the real server's path is not that of the field. */
const INNER_PATHS: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' }
const SECOND_PATHS: Readonly<Record<string, string>> = {
  cephfs: 'cephFS',
  downwardAPI: 'downwarAPI',
}

export const innerPath = (kind: string): string => INNER_PATHS[kind] ?? kind

/** For the second source of one volume, which is not looked into. */
export const secondSource = (kind: string, volumePath: FieldPath): FieldError =>
  forbiddenField(
    volumePath.child(SECOND_PATHS[kind] ?? kind),
    'may not specify more than 1 volume type',
  )

function validateDisk(
  source: { readonly partition?: number },
  name: string,
  context: SourceContext,
): void {
  needs(source, [name], context)
  const { partition = 0 } = source
  if (partition >= 0 && partition <= 255) return
  const at = context.path.child('partition')
  context.errors.push(invalidValue(at, partition, 'must be between 1 and 255, inclusive'))
}

function validateSecret(secret: SecretName | undefined, context: SourceContext): void {
  if (!secret) return
  const { isPersistent, path, errors } = context
  const fields = isPersistent ? ['name', 'namespace'] : ['name']
  needs(secret, fields, { path: path.child('secretRef'), errors })
}

const ISCSI_NAMES = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
} as const
const ISCSI_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
const LUN_MAX = 255
const NOT_A_LUN = `must be between 0 and ${LUN_MAX}, inclusive`
const isLun = (lun: number) => lun >= 0 && lun <= LUN_MAX

/** Of volumes in Pods the real server says more. */
function iscsiNameFault(name: string, isPersistent: boolean): string | undefined {
  const shape = ISCSI_NAMES[name.slice(0, 3) as keyof typeof ISCSI_NAMES]
  if (shape) return shape.test(name) ? undefined : 'must be valid format'
  return isPersistent
    ? 'must be valid format'
    : 'must be valid format starting with iqn, eui, or naa'
}

function validateIscsi(source: IscsiSource, context: SourceContext): void {
  const { path, volumePath, isPersistent, volumeName, errors } = context
  const isTooLong =
    source.initiatorName !== undefined && `${volumeName}:${source.targetPortal}`.length > 64
  needs(source, ['targetPortal'], context)
  if (isPersistent && isTooLong) {
    errors.push(invalidValue(path.child('targetportal'), source.targetPortal, ISCSI_TOO_LONG))
  }
  needs(source, ['iqn'], context)
  const fault = source.iqn ? iscsiNameFault(source.iqn, isPersistent) : undefined
  if (fault) errors.push(invalidValue(path.child('iqn'), source.iqn, fault))
  if (!isLun(source.lun)) errors.push(invalidValue(path.child('lun'), source.lun, NOT_A_LUN))
  const needsSecret = source.chapAuthDiscovery || source.chapAuthSession
  if (needsSecret && !source.secretRef) errors.push(required(path.child('secretRef'), ''))
  if (isPersistent && source.secretRef && !source.secretRef.name) {
    errors.push(required(path.child('secretRef', 'name'), ''))
  }
  const { initiatorName } = source
  if (initiatorName === undefined) return
  const wrong = iscsiNameFault(initiatorName, isPersistent)
  if (wrong) errors.push(invalidValue(path.child('initiatorname'), initiatorName, wrong))
  if (isPersistent || !isTooLong) return
  errors.push(invalidValue(volumePath.child('name'), volumeName, ISCSI_TOO_LONG))
}

function validateQuobyte(
  source: NonNullable<SharedSources['quobyte']>,
  context: SourceContext,
): void {
  const { path, errors } = context
  const detail = 'must be a host:port pair or multiple pairs separated by commas'
  const { registry, tenant = '' } = source
  if (!registry) errors.push(required(path.child('registry'), detail))
  else if (tenant.length >= 65) {
    const text = 'must be a UUID and may not exceed a length of 64 characters'
    errors.push(required(path.child('tenant'), text))
  } else {
    for (const pair of registry.split(',')) {
      if (/^(\[[^\]]*\]|[^:]*):[^:]*$/.test(pair)) continue
      errors.push(invalidValue(path.child('registry'), registry, detail))
    }
  }
  needs(source, ['volume'], context)
}

function validateFibreChannel(
  { targetWWNs = [], wwids = [], lun }: NonNullable<SharedSources['fc']>,
  { path, errors }: SourceContext,
): void {
  const at = path.child('targetWWNs')
  if (targetWWNs.length === 0 && wwids.length === 0) {
    errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'))
  } else if (targetWWNs.length > 0 && wwids.length > 0) {
    const detail = 'targetWWNs and wwids can not be specified simultaneously'
    errors.push(invalidValue(at, targetWWNs, detail))
  }
  if (targetWWNs.length === 0) return
  if (lun === undefined) {
    errors.push(required(path.child('lun'), 'lun is required if targetWWNs is specified'))
  } else if (!isLun(lun)) errors.push(invalidValue(path.child('lun'), lun, NOT_A_LUN))
}

const MANAGED_DISK =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

function validateAzureDisk(disk: AzureDisk, context: SourceContext): void {
  const { path, errors } = context
  needs(disk, ['diskName', 'diskURI'], context)
  const { cachingMode, kind, diskURI } = disk
  if (cachingMode !== undefined) {
    oneOf(cachingMode, ['None', 'ReadOnly', 'ReadWrite'], path.child('cachingMode'), errors)
  }
  if (kind === undefined) return
  oneOf(kind, ['Dedicated', 'Managed', 'Shared'], path.child('kind'), errors)
  const isManaged = kind === 'Managed'
  if (diskURI.startsWith(isManaged ? '/subscriptions/' : 'https://')) return
  const forms = [isManaged ? MANAGED_DISK : BLOB_DISK]
  errors.push(notSupported(path.child('diskURI'), diskURI, forms))
}

const DRIVER_BYTES_MAX = 63

/** A CSI driver's name: a domain, in any case. */
export function validateDriverName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path, ''))
    return
  }
  if (name.length > DRIVER_BYTES_MAX) errors.push(tooLong(path, name, DRIVER_BYTES_MAX))
  for (const fault of isDns1123Subdomain(name.toLowerCase())) {
    errors.push(invalidValue(path, name, fault))
  }
}

import type {
  APIService,
  CertificateSigningRequest,
  ControllerRevision,
  CSIDriver,
  CSINode,
  EndpointSlice,
  FlowSchema,
  Ingress,
  IngressClass,
  IPAddress,
  KubeObject,
  Lease,
  NetworkPolicy,
  PriorityClass,
  PriorityLevelConfiguration,
  ResourceSlice,
  RoleBinding,
  RuntimeClass,
  resourceV1,
  ServiceCIDR,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '@miniplane/api'
import { controllerOf, labelSelectorFrom } from '@miniplane/api'
import {
  ageColumn,
  column,
  NONE,
  nameColumn,
  orNone,
  shortList,
  table,
  UNSET,
  wide,
} from './column.js'
import { docs } from './docs.js'
import { humanDuration } from './duration.js'

export const bindingTable = table<RoleBinding>([
  nameColumn,
  column('Role', 'string', docs.roleRef, ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  wide('Users', 'string', 'Users in the roleBinding', subjects('User')),
  wide('Groups', 'string', 'Groups in the roleBinding', subjects('Group')),
  wide(
    'ServiceAccounts',
    'string',
    'ServiceAccounts in the roleBinding',
    subjects('ServiceAccount'),
  ),
])

export const clusterBindingTable = table<RoleBinding>([
  nameColumn,
  column('Role', 'string', docs.roleRef, ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  wide('Users', 'string', 'Users in the clusterRoleBinding', subjects('User')),
  wide('Groups', 'string', 'Groups in the clusterRoleBinding', subjects('Group')),
  wide(
    'ServiceAccounts',
    'string',
    'ServiceAccounts in the clusterRoleBinding',
    subjects('ServiceAccount'),
  ),
])

function subjects(wanted: string) {
  return (binding: RoleBinding): string =>
    (binding.subjects ?? [])
      .filter(({ kind }) => kind === wanted)
      .map(({ name, namespace }) =>
        wanted === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name,
      )
      .join(', ')
}

function ingressHosts({ spec }: Ingress): string {
  const rules = spec.rules ?? []
  const hosts = rules.map(({ host }) => host || '*')
  return shortList(hosts, '*')
}

const ingressAddress = ({ status }: Ingress): string =>
  [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || ''))]
    .filter(Boolean)
    .sort()
    .join(',')

export const ingressTable = table<Ingress>([
  nameColumn,
  column('Class', 'string', docs.ingressClass, ({ metadata, spec }) =>
    orNone(spec.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class']),
  ),
  column('Hosts', 'string', docs.ingressHosts, ingressHosts),
  column('Address', 'string', docs.ingressAddress, ingressAddress),
  column('Ports', 'string', docs.ingressPorts, ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
  ageColumn,
])

export const ingressClassTable = table<IngressClass>([
  nameColumn,
  column(
    'Controller',
    'string',
    'Controller that is responsible for handling this class',
    ({ spec }) => spec?.controller ?? '',
  ),
  column(
    'Parameters',
    'string',
    'A reference to a resource with additional parameters',
    ({ spec }) => {
      const { apiGroup, kind, name } = spec?.parameters ?? {}
      if (!kind) return NONE
      return `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`
    },
  ),
  ageColumn,
])

export const networkPolicyTable = table<NetworkPolicy>([
  nameColumn,
  column(
    'Pod-Selector',
    'string',
    'The pods that this policy applies to.',
    ({ spec }) => labelSelectorFrom(spec.podSelector ?? {}).toString() || NONE,
  ),
  ageColumn,
])

export const leaseTable = table<Lease>([
  nameColumn,
  column('Holder', 'string', docs.leaseHolder, ({ spec }) => spec.holderIdentity ?? ''),
  ageColumn,
])

function slicePorts({ ports }: EndpointSlice): string {
  if (!ports?.length) return UNSET
  return shortList(ports.map(({ port }) => (port === undefined ? '*' : `${port}`)))
}

export const endpointSliceTable = table<EndpointSlice>([
  nameColumn,
  column(
    'AddressType',
    'string',
    'The type of address carried by this slice.',
    ({ addressType }) => addressType,
  ),
  column(
    'Ports',
    'string',
    'The network ports exposed by each endpoint in this slice.',
    slicePorts,
  ),
  column('Endpoints', 'string', 'The unique endpoints in this slice.', ({ endpoints }) =>
    shortList(
      (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
      UNSET,
    ),
  ),
  ageColumn,
])

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClassTable = table<StorageClass>([
  {
    ...nameColumn,
    cell: ({ metadata }: KubeObject) => {
      const isDefault = DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true')
      return isDefault ? `${metadata.name} (default)` : metadata.name
    },
  },
  column('Provisioner', 'string', 'The type of the provisioner.', ({ provisioner }) => provisioner),
  column(
    'ReclaimPolicy',
    'string',
    'What happens to volumes of this class when they are released.',
    ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
  ),
  column(
    'VolumeBindingMode',
    'string',
    'When volumes of this class are bound.',
    ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
  ),
  column(
    'AllowVolumeExpansion',
    'string',
    'Whether volumes of this class can grow.',
    ({ allowVolumeExpansion }) => `${allowVolumeExpansion ?? false}`,
  ),
  ageColumn,
])

export const volumeAttachmentTable = table<VolumeAttachment>([
  nameColumn,
  column(
    'Attacher',
    'string',
    'The volume driver that must handle this request.',
    ({ spec }) => spec.attacher,
  ),
  column(
    'PV',
    'string',
    'The volume to attach.',
    ({ spec }) => spec.source?.persistentVolumeName ?? '',
  ),
  column('Node', 'string', 'The node to attach the volume to.', ({ spec }) => spec.nodeName),
  column(
    'Attached',
    'boolean',
    'Whether the volume is attached.',
    ({ status }) => status.attached ?? false,
  ),
  ageColumn,
])

export const csiDriverTable = table<CSIDriver>([
  nameColumn,
  column(
    'AttachRequired',
    'boolean',
    'Whether the driver needs an attach operation.',
    ({ spec }) => spec.attachRequired ?? true,
  ),
  column(
    'PodInfoOnMount',
    'boolean',
    'Whether the driver wants to know about the Pod.',
    ({ spec }) => spec.podInfoOnMount ?? false,
  ),
  column(
    'StorageCapacity',
    'boolean',
    'Whether scheduling considers the capacity of the driver.',
    ({ spec }) => spec.storageCapacity ?? false,
  ),
  column(
    'TokenRequests',
    'string',
    'The tokens that the driver asks for.',
    ({ spec }) => (spec.tokenRequests ?? []).map(({ audience }) => audience).join(',') || UNSET,
  ),
  column(
    'RequiresRepublish',
    'boolean',
    'Whether volumes are published periodically.',
    ({ spec }) => spec.requiresRepublish ?? false,
  ),
  column(
    'Modes',
    'string',
    'The life cycles of volumes that the driver supports.',
    ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || NONE,
  ),
  ageColumn,
])

export const csiNodeTable = table<CSINode>([
  nameColumn,
  column(
    'Drivers',
    'integer',
    'The number of drivers on the node.',
    ({ spec }) => spec.drivers?.length ?? 0,
  ),
  ageColumn,
])

export const volumeAttributesClassTable = table<VolumeAttributesClass>([
  nameColumn,
  column(
    'DriverName',
    'string',
    'The driver that handles the parameters.',
    ({ driverName }) => driverName,
  ),
  ageColumn,
])

export const priorityClassTable = table<PriorityClass>([
  nameColumn,
  column('Value', 'integer', 'The priority that pods of this class get.', ({ value }) => value),
  column(
    'Global-Default',
    'boolean',
    'Whether pods without a class get this one.',
    ({ globalDefault }) => globalDefault ?? false,
  ),
  ageColumn,
  column(
    'PreemptionPolicy',
    'string',
    'The policy for preempting pods with lower priority.',
    ({ preemptionPolicy }) => preemptionPolicy ?? '',
  ),
])

export const runtimeClassTable = table<RuntimeClass>([
  nameColumn,
  column(
    'Handler',
    'string',
    'The configuration that the runtime uses for pods of this class.',
    ({ handler }) => handler,
  ),
  ageColumn,
])

export const controllerRevisionTable = table<ControllerRevision>([
  nameColumn,
  column('Controller', 'string', 'Controller of the object', (revision) => {
    const owner = controllerOf(revision)
    if (!owner) return NONE
    const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
    return `${owner.kind.toLowerCase()}${group}/${owner.name}`
  }),
  column(
    'Revision',
    'string',
    'The revision that the state represents.',
    ({ revision }) => revision,
  ),
  ageColumn,
])

function requestCondition({ status }: CertificateSigningRequest): string {
  const types = (status.conditions ?? []).map(({ type }) => type)
  const words = ['Approved', 'Denied', 'Failed'].filter((type) => types.includes(type))
  if (words.length === 0) words.push('Pending')
  if (status.certificate) words.push('Issued')
  return words.join(',')
}

export const signingRequestTable = table<CertificateSigningRequest>([
  nameColumn,
  ageColumn,
  column(
    'SignerName',
    'string',
    'The signer that is asked.',
    ({ spec }) => spec.signerName || NONE,
  ),
  column('Requestor', 'string', 'Who asks.', ({ spec }) => spec.username ?? ''),
  column('RequestedDuration', 'string', 'How long the certificate shall be valid.', ({ spec }) =>
    spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
  ),
  column('Condition', 'string', 'How far the request is.', requestCondition),
])

export const flowSchemaTable = table<FlowSchema>([
  nameColumn,
  column(
    'PriorityLevel',
    'string',
    'The priority level of matching requests.',
    ({ spec }) => spec.priorityLevelConfiguration?.name ?? '',
  ),
  column(
    'MatchingPrecedence',
    'integer',
    'The order among schemas: the lowest wins.',
    ({ spec }) => spec.matchingPrecedence ?? 0,
  ),
  column(
    'DistinguisherMethod',
    'string',
    'How flows are told apart.',
    ({ spec }) => spec.distinguisherMethod?.type ?? NONE,
  ),
  ageColumn,
  column(
    'MissingPL',
    'string',
    'Whether the priority level is missing.',
    ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  ),
])

export const priorityLevelTable = table<PriorityLevelConfiguration>([
  nameColumn,
  column('Type', 'string', 'Whether requests of this level are limited.', ({ spec }) => spec.type),
  column(
    'NominalConcurrencyShares',
    'string',
    'The share of the concurrency of the server.',
    ({ spec }) => spec.limited?.nominalConcurrencyShares ?? NONE,
  ),
  column(
    'Queues',
    'string',
    'The number of queues.',
    ({ spec }) => spec.limited?.limitResponse?.queuing?.queues ?? NONE,
  ),
  column(
    'HandSize',
    'string',
    'How many queues a flow may use.',
    ({ spec }) => spec.limited?.limitResponse?.queuing?.handSize ?? NONE,
  ),
  column(
    'QueueLengthLimit',
    'string',
    'How many requests wait in a queue.',
    ({ spec }) => spec.limited?.limitResponse?.queuing?.queueLengthLimit ?? NONE,
  ),
  ageColumn,
])

export const resourceClaimTable = table<resourceV1.ResourceClaim>([
  nameColumn,
  column('State', 'string', 'A summary of the current state.', (claim) => {
    const { status } = claim
    const states = []
    if (claim.metadata.deletionTimestamp) states.push('deleted')
    if (!status.allocation) states.push('pending')
    else {
      states.push('allocated')
      if (status.reservedFor?.length) states.push('reserved')
    }
    return states.join(',')
  }),
  ageColumn,
])

export const resourceSliceTable = table<ResourceSlice>([
  nameColumn,
  column(
    'Node',
    'string',
    'The node whose devices these are.',
    ({ spec }) => spec.nodeName ?? UNSET,
  ),
  column('Driver', 'string', 'The driver that publishes the devices.', ({ spec }) => spec.driver),
  column('Pool', 'string', 'The pool that the devices belong to.', ({ spec }) => spec.pool.name),
  ageColumn,
])

export const serviceCidrTable = table<ServiceCIDR>([
  nameColumn,
  column('CIDRs', 'string', 'The ranges that cluster IPs are taken from.', ({ spec }) =>
    (spec.cidrs ?? []).join(','),
  ),
  ageColumn,
])

export const ipAddressTable = table<IPAddress>([
  nameColumn,
  column('ParentRef', 'string', 'The object that has the address.', ({ spec }) => {
    const { group, resource, namespace, name } = spec.parentRef ?? {}
    const kind = group ? `${resource}.${group}` : resource
    return namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`
  }),
])

export const apiServiceTable = table<APIService>([
  nameColumn,
  column(
    'Service',
    'string',
    'The reference to the service that hosts this API endpoint.',
    ({ spec }) =>
      spec.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
  ),
  column('Available', 'string', 'Whether this service is available.', ({ status }) => {
    const condition = status.conditions?.find(({ type }) => type === 'Available')
    if (!condition) return 'Unknown'
    return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`
  }),
  ageColumn,
])

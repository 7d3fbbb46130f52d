import type {
  APIService,
  CertificateSigningRequest,
  ControllerRevision,
  EndpointSlice,
  FlowSchema,
  Ingress,
  IngressClass,
  IPAddress,
  Lease,
  NetworkPolicy,
  PriorityClass,
  PriorityLevelConfiguration,
  ResourceSlice,
  RoleBinding,
  RuntimeClass,
  resourceV1,
  ServiceCIDR,
} from '@miniplane/api'
import { controllerOf, labelSelectorFrom } from '@miniplane/api'
import type { TableColumns } from '../strategy.js'
import {
  ageColumn,
  column,
  NONE,
  nameColumn,
  nameOrDefault,
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
  column('Role', 'string', docs.clusterRoleRef, ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
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

/** Rules for any host count, but have no name to show. */
function ingressHosts({ spec }: Ingress): string {
  const rules = spec.rules ?? []
  const shown: string[] = []
  let isMore = false
  for (const { host } of rules) {
    if (shown.length === 3) isMore = true
    else if (host) shown.push(host)
  }
  if (shown.length === 0) return '*'
  return `${shown.join(',')}${isMore ? ` + ${rules.length - 3} more...` : ''}`
}

const ingressAddress = ({ status }: Ingress): string =>
  [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || ''))]
    .filter(Boolean)
    .sort()
    .join(',')

export const ingressTable = table<Ingress>([
  nameColumn,
  column('Class', 'string', docs.ingressClass, ({ spec }) => orNone(spec.ingressClassName)),
  column('Hosts', 'string', docs.ingressHosts, ingressHosts),
  column('Address', 'string', docs.ingressAddress, ingressAddress),
  column('Ports', 'string', docs.ingressPorts, ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
  ageColumn,
])

export const ingressClassTable = table<IngressClass>([
  nameOrDefault(['ingressclass.kubernetes.io/is-default-class']),
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
    docs.podSelector,
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
  return shortList(ports.map(({ port, name }) => (port === undefined ? (name ?? '*') : `${port}`)))
}

export const endpointSliceTable = table<EndpointSlice>([
  nameColumn,
  column('AddressType', 'string', docs.addressType, ({ addressType }) => addressType),
  column('Ports', 'string', docs.slicePorts, slicePorts),
  column('Endpoints', 'string', docs.sliceEndpoints, ({ endpoints }) =>
    shortList(
      (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
      UNSET,
    ),
  ),
  ageColumn,
])

export const priorityClassTable = table<PriorityClass>([
  nameColumn,
  column('Value', 'integer', docs.priorityValue, ({ value }) => value),
  column(
    'Global-Default',
    'boolean',
    docs.priorityDefault,
    ({ globalDefault }) => globalDefault ?? false,
  ),
  ageColumn,
  column(
    'PreemptionPolicy',
    'string',
    docs.preemptionPolicy,
    ({ preemptionPolicy }) => preemptionPolicy ?? '',
  ),
])

export const runtimeClassTable = table<RuntimeClass>([
  nameColumn,
  column(
    'Handler',
    'string',
    // The real server looks for this text in the wrong place.
    '',
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
  column('Revision', 'string', docs.revision, ({ revision }) => revision),
  ageColumn,
])

function requestCondition({ status }: CertificateSigningRequest): string {
  const types = new Set((status.conditions ?? []).map(({ type }) => type))
  const decision = ['Denied', 'Approved'].find((type) => types.has(type)) ?? 'Pending'
  return [
    decision,
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(status.certificate ? ['Issued'] : []),
  ].join(',')
}

export const signingRequestTable = table<CertificateSigningRequest>([
  nameColumn,
  ageColumn,
  column('SignerName', 'string', docs.csrSigner, ({ spec }) => spec.signerName || NONE),
  column('Requestor', 'string', docs.csrRequest, ({ spec }) => spec.username ?? ''),
  column('RequestedDuration', 'string', docs.csrDuration, ({ spec }) =>
    spec.expirationSeconds === undefined ? NONE : humanDuration(spec.expirationSeconds * 1000),
  ),
  column('Condition', 'string', docs.csrConditions, requestCondition),
])

const schemaColumns = table<FlowSchema>([
  nameColumn,
  column(
    'PriorityLevel',
    'string',
    docs.levelName,
    ({ spec }) => spec.priorityLevelConfiguration?.name ?? '',
  ),
  column(
    'MatchingPrecedence',
    'string',
    docs.matchingPrecedence,
    ({ spec }) => spec.matchingPrecedence ?? 0,
  ),
  column(
    'DistinguisherMethod',
    'string',
    docs.distinguisherMethod,
    ({ spec }) => spec.distinguisherMethod?.type ?? NONE,
  ),
  ageColumn,
  column(
    'MissingPL',
    'string',
    'references a broken or non-existent PriorityLevelConfiguration',
    ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  ),
])

/** The schemas stand in the order in which they are tried. */
export const flowSchemaTable: TableColumns<FlowSchema> = {
  ...schemaColumns,
  compare: (a, b) =>
    a.spec.matchingPrecedence - b.spec.matchingPrecedence ||
    ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
}

export const priorityLevelTable = table<PriorityLevelConfiguration>([
  nameColumn,
  column('Type', 'string', docs.levelType, ({ spec }) => spec.type),
  column(
    'NominalConcurrencyShares',
    'string',
    docs.levelShares,
    ({ spec }) => spec.limited?.nominalConcurrencyShares ?? NONE,
  ),
  column(
    'Queues',
    'string',
    docs.queues,
    ({ spec }) => spec.limited?.limitResponse?.queuing?.queues ?? NONE,
  ),
  column(
    'HandSize',
    'string',
    docs.handSize,
    ({ spec }) => spec.limited?.limitResponse?.queuing?.handSize ?? NONE,
  ),
  column(
    'QueueLengthLimit',
    'string',
    docs.queueLengthLimit,
    ({ spec }) => spec.limited?.limitResponse?.queuing?.queueLengthLimit ?? NONE,
  ),
  ageColumn,
])

export const resourceClaimTable = table<resourceV1.ResourceClaim>([
  nameColumn,
  column(
    'State',
    'string',
    'A summary of the current state (allocated, pending, reserved, etc.).',
    (claim) => {
      const { status } = claim
      const states = []
      if (claim.metadata.deletionTimestamp) states.push('deleted')
      else if (!status.allocation) states.push('pending')
      if (status.allocation) {
        states.push('allocated')
        if (status.reservedFor?.length) states.push('reserved')
      }
      return states.join(',')
    },
  ),
  ageColumn,
])

export const resourceSliceTable = table<ResourceSlice>([
  nameColumn,
  column('Node', 'string', docs.sliceNode, ({ spec }) => spec.nodeName ?? UNSET),
  column('Driver', 'string', docs.sliceDriver, ({ spec }) => spec.driver),
  column('Pool', 'string', docs.poolName, ({ spec }) => spec.pool.name),
  ageColumn,
])

export const serviceCidrTable = table<ServiceCIDR>([
  nameColumn,
  column('CIDRs', 'string', docs.cidrs, ({ spec }) => (spec.cidrs ?? []).join(',')),
  ageColumn,
])

const addressColumns = [
  nameColumn,
  column<IPAddress>('ParentRef', 'string', docs.parentRef, ({ spec }) => {
    if (!spec.parentRef) return NONE
    const { group, resource = '', namespace, name } = spec.parentRef
    const kind = (group ? `${resource}.${group}` : resource).toLowerCase()
    return namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`
  }),
]

/** The real server fills in an age and names no column for it. */
export const ipAddressTable: TableColumns<IPAddress> = {
  ...table<IPAddress>([...addressColumns, ageColumn]),
  columns: addressColumns.map(({ definition }) => definition),
}

const apiServiceColumns = table<APIService>([
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

/** These come from a server of their own, which does not ask whether the columns are known. */
export const apiServiceTable: TableColumns<APIService> = {
  ...apiServiceColumns,
  alwaysNamesColumns: true,
}

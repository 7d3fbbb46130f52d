import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalid,
  required,
  type Service,
} from '@miniplane/api'
import { serviceTable } from '../columns/core.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy, type Strategy } from '../strategy.js'
import { balancerWarnings, validateBalancerIngress } from '../validation/load-balancer.js'
import { dnsLabelName } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'
import { ServiceAllocator, type ServiceRanges } from './service-allocation.js'
import { settleFamilies } from './service-families.js'
import {
  alignClusterIPs,
  dropTypeDependent,
  isExternallyAccessible,
  keepAllocations,
} from './service-types.js'
import { TRAFFIC_POLICIES, validateService, validateServiceUpdate } from './service-validation.js'
import { serviceWarnings } from './service-warnings.js'

const AFFINITY_SECONDS = 10800
const SERVICE = { group: '', kind: 'Service' } as const

/** Has an allocator of its own, so a server makes one strategy and keeps it. */
export function servicesStrategy(ranges?: ServiceRanges): Strategy<Service> {
  const allocator = new ServiceAllocator(ranges)
  return defineStrategy<Service>({
    setDefaults: setServiceDefaults,
    prepareForCreate({ spec }) {
      dropUnread(spec)
    },
    prepareForUpdate(draft, stored) {
      dropTypeDependent(draft, stored)
      dropUnread(draft.spec)
      // A balancer that is none any more has no addresses.
      if (draft.spec.type !== 'LoadBalancer' && draft.status.loadBalancer?.ingress) {
        draft.status = { ...draft.status, loadBalancer: {} }
      }
    },
    validateName: dnsLabelName,
    validate: validateService,
    validateUpdate: validateServiceUpdate,

    warningsOnCreate: serviceWarnings,
    warningsOnUpdate: (draft) => serviceWarnings(draft),

    allowCreateOnUpdate: true,
    returnsDeletedObject: true,
    async allocate(draft, stored, context) {
      if (stored) keepAllocations(draft, stored)
      alignClusterIPs(draft, stored)
      const faults = settleFamilies(draft, stored)
      if (faults.length > 0) throw invalid(SERVICE, draft.metadata.name ?? '', faults)
      return allocator.allocate(draft, stored, context)
    },
    afterDelete: (stored, context) => allocator.release(stored, context),

    selectableFields: {
      'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
      'spec.type': ({ spec }) => spec.type ?? '',
    },
    table: serviceTable,
    subresources: {
      status: statusSubresource<Service>({
        validate: validateStatus,
        warn: ({ status }) => balancerWarnings(status.loadBalancer?.ingress ?? []),
      }),
    },
  })
}

function setServiceDefaults({ spec, status }: Service): void {
  spec.type ||= 'ClusterIP'
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {}
    spec.sessionAffinityConfig.clientIP ??= {}
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= AFFINITY_SECONDS
  }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer') {
    spec.internalTrafficPolicy ??= 'Cluster'
  }
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of status.loadBalancer?.ingress ?? []) {
      if (ingress.ip) ingress.ipMode ??= 'VIP'
    }
  }
}

/** A name has no traffic of its own; what is said about it is checked, and never read again. */
function dropUnread(spec: Service['spec']): void {
  if (spec.type !== 'ExternalName') return
  if (TRAFFIC_POLICIES.includes(spec.internalTrafficPolicy ?? '')) delete spec.internalTrafficPolicy
}

function validateStatus({ spec, status }: Service): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status', 'loadBalancer', 'ingress')
  const ingress = status.loadBalancer?.ingress ?? []
  if (ingress.length > 0 && spec.type !== 'LoadBalancer') {
    errors.push(forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'"))
    return errors
  }
  for (const [i, { ip, ipMode }] of ingress.entries()) {
    const at = path.index(i).child('ipMode')
    if (ip && ipMode === undefined) errors.push(required(at, 'must be specified when `ip` is set'))
    else if (!ip && ipMode !== undefined) {
      errors.push(forbiddenField(at, 'may not be specified when `ip` is not set'))
    } else if (ipMode !== undefined) oneOf(ipMode, ['Proxy', 'VIP'], at, errors)
  }
  return [...validateBalancerIngress(ingress), ...errors]
}

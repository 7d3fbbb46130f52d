import { type Service, semanticEqual } from '@miniplane/api'
import { copyField } from '../status-rules.js'

type Spec = Service['spec']

export const needsClusterIP = (type: string | undefined): boolean => type !== 'ExternalName'

export const needsNodePort = ({ type, allocateLoadBalancerNodePorts }: Spec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

export const needsHealthCheckPort = ({ type, externalTrafficPolicy }: Spec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

/** Traffic can come from outside the cluster. */
export const isExternallyAccessible = ({ type, externalIPs }: Spec): boolean =>
  type === 'LoadBalancer' ||
  type === 'NodePort' ||
  (type === 'ClusterIP' && (externalIPs ?? []).length > 0)

const hasBalancer = ({ type }: Spec) => type === 'LoadBalancer'

/** Fields that only some types have; a change of type that leaves them as they were drops them. */
const BY_TYPE: readonly { needs(spec: Spec): boolean; fields: readonly (keyof Spec)[] }[] = [
  {
    needs: ({ type }) => needsClusterIP(type),
    fields: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'],
  },
  { needs: needsHealthCheckPort, fields: ['healthCheckNodePort'] },
  { needs: hasBalancer, fields: ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] },
  { needs: isExternallyAccessible, fields: ['externalTrafficPolicy'] },
]

/**
 * Carries over what an update left out because the server once chose it, and drops what the new
 * type has no use for.
 */
export function alignWithStored({ spec: draft }: Service, { spec: stored }: Service): void {
  keepAllocations(draft, stored)
  alignClusterIPs(draft, stored)
  for (const { needs, fields } of BY_TYPE) {
    if (!needs(stored) || needs(draft)) continue
    for (const field of fields) if (semanticEqual(draft[field], stored[field])) delete draft[field]
  }
  if (hadNodePorts(stored) && !hadNodePorts(draft) && sameNodePorts(draft, stored)) {
    for (const port of draft.ports ?? []) delete port.nodePort
  }
}

const hadNodePorts = ({ type }: Spec) => type === 'NodePort' || type === 'LoadBalancer'

const nodePorts = ({ ports }: Spec) =>
  (ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter(Boolean)

const sameNodePorts = (draft: Spec, stored: Spec) => {
  const known = new Set(nodePorts(stored))
  return nodePorts(draft).every((port) => known.has(port))
}

function keepAllocations(draft: Spec, stored: Spec): void {
  if (needsClusterIP(draft.type) && needsClusterIP(stored.type)) {
    if (!draft.clusterIP) copyField(draft, stored, 'clusterIP')
    if (!draft.clusterIPs?.length && draft.clusterIP === stored.clusterIP) {
      copyField(draft, stored, 'clusterIPs')
    }
    if (!draft.ipFamilies?.length) copyField(draft, stored, 'ipFamilies')
    if (!draft.ipFamilyPolicy) copyField(draft, stored, 'ipFamilyPolicy')
  }
  if (hadNodePorts(draft) && hadNodePorts(stored)) {
    for (const port of draft.ports ?? []) {
      if (port.nodePort) continue
      const old = stored.ports?.find(
        (one) => one.protocol === port.protocol && one.port === port.port,
      )
      if (old?.nodePort) port.nodePort = old.nodePort
    }
  }
  if (needsHealthCheckPort(draft) && needsHealthCheckPort(stored) && !draft.healthCheckNodePort) {
    copyField(draft, stored, 'healthCheckNodePort')
  }
}

/** `clusterIP` and the first of `clusterIPs` are one; the one that was changed wins. */
export function alignClusterIPs(draft: Spec, stored?: Spec): void {
  if (!stored) {
    if (draft.clusterIP && !draft.clusterIPs?.length) draft.clusterIPs = [draft.clusterIP]
    return
  }
  const isSameList = semanticEqual(draft.clusterIPs, stored.clusterIPs)
  if (!draft.clusterIP && stored.clusterIP) {
    if (isSameList) delete draft.clusterIPs
    else if (draft.clusterIPs?.[0]) draft.clusterIP = draft.clusterIPs[0]
  } else if (draft.clusterIP && draft.clusterIP !== stored.clusterIP && isSameList) {
    draft.clusterIPs = [draft.clusterIP, ...(draft.clusterIPs ?? []).slice(1)]
  } else if (draft.clusterIP && !draft.clusterIPs?.length) draft.clusterIPs = [draft.clusterIP]
}

import { type Service, semanticEqual } from '@miniplane/api'
import { copyField } from '../status-rules.js'

type Spec = Service['spec']

export const needsClusterIP = (type: string | undefined): boolean => type !== 'ExternalName'

/** Of a type whose ports may be ports of the nodes, whether or not the server chooses them. */
export const hasNodePorts = ({ type }: Spec): boolean =>
  type === 'NodePort' || type === 'LoadBalancer'

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

/**
 * Fields that only some types have; a change of type that leaves them as they were drops them.
 * Those that belong together go together.
 */
const BY_TYPE: readonly {
  needs(spec: Spec): boolean
  fields: readonly (readonly (keyof Spec)[])[]
}[] = [
  {
    needs: ({ type }) => needsClusterIP(type),
    fields: [['clusterIP', 'clusterIPs'], ['ipFamilies'], ['ipFamilyPolicy']],
  },
  { needs: needsHealthCheckPort, fields: [['healthCheckNodePort']] },
  { needs: hasBalancer, fields: [['allocateLoadBalancerNodePorts'], ['loadBalancerClass']] },
  { needs: isExternallyAccessible, fields: [['externalTrafficPolicy']] },
]

/** Drops what the new type has no use for. */
export function dropTypeDependent({ spec: draft }: Service, { spec: stored }: Service): void {
  for (const { needs, fields } of BY_TYPE) {
    if (!needs(stored) || needs(draft)) continue
    for (const group of fields) {
      if (!group.every((field) => semanticEqual(draft[field], stored[field]))) continue
      for (const field of group) delete draft[field]
    }
  }
  if (hasNodePorts(stored) && !hasNodePorts(draft) && sameNodePorts(draft, stored)) {
    for (const port of draft.ports ?? []) delete port.nodePort
  }
}

const nodePorts = ({ ports }: Spec) =>
  (ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter(Boolean)

const sameNodePorts = (draft: Spec, stored: Spec) => {
  const known = new Set(nodePorts(stored))
  return nodePorts(draft).every((port) => known.has(port))
}

/** Carries over what an update left out because the server once chose it. */
export function keepAllocations({ spec: draft }: Service, { spec: stored }: Service): void {
  if (needsClusterIP(draft.type) && needsClusterIP(stored.type)) {
    if (!draft.clusterIP) copyField(draft, stored, 'clusterIP')
    if (!draft.clusterIPs?.length) copyField(draft, stored, 'clusterIPs')
  }
  if (needsNodePort(draft) && needsNodePort(stored)) keepNodePorts(draft, stored)
  if (needsHealthCheckPort(draft) && needsHealthCheckPort(stored) && !draft.healthCheckNodePort) {
    copyField(draft, stored, 'healthCheckNodePort')
  }
}

/** A port is known by its name; a number that another port has by now is not given back to it. */
function keepNodePorts(draft: Spec, stored: Spec): void {
  const before = nodePorts(stored)
  const used = new Set(nodePorts(draft).filter((port) => before.includes(port)))
  const byName = new Map(stored.ports?.map(({ name = '', nodePort }) => [name, nodePort]))
  for (const port of draft.ports ?? []) {
    const old = byName.get(port.name ?? '')
    if (!port.nodePort && old && !used.has(old)) port.nodePort = old
  }
}

/** `clusterIP` and the first of `clusterIPs` are one; the one that was changed wins. */
export function alignClusterIPs({ spec: draft }: Service, stored?: Service): void {
  const { clusterIP } = draft
  if (!stored) {
    if (clusterIP && !draft.clusterIPs?.length) draft.clusterIPs = [clusterIP]
    return
  }
  const before = stored.spec
  if (!draft.clusterIPs?.length && clusterIP === before.clusterIP) {
    copyField(draft, before, 'clusterIPs')
  }
  if (clusterIP === before.clusterIP) return
  if (!semanticEqual(draft.clusterIPs ?? [], before.clusterIPs ?? [])) return
  if (clusterIP) draft.clusterIPs = [clusterIP]
  else delete draft.clusterIPs
}

import { FieldPath, type Service } from '@miniplane/api'
import { cidrWarnings, ipWarnings } from '../validation/ip.js'

const SPEC = FieldPath.of('spec')
const OLD_HINTS = 'service.kubernetes.io/topology-aware-hints'

/** What is allowed in a Service and yet most likely not meant. */
export function serviceWarnings({ metadata, spec }: Service): string[] {
  const warnings: string[] = []
  if (metadata.annotations?.[OLD_HINTS] !== undefined) {
    warnings.push(
      `annotation ${OLD_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    )
  }
  const isHeadless = spec.clusterIP === 'None'
  const addresses = (field: 'clusterIPs' | 'externalIPs') => {
    for (const [i, ip] of (spec[field] ?? []).entries()) {
      warnings.push(...ipWarnings(ip, SPEC.child(field).index(i)))
    }
  }
  if (spec.clusterIP && !isHeadless) addresses('clusterIPs')
  if (spec.type !== 'ExternalName' && isHeadless) {
    const ignored = ignoredByHeadless(spec)
    warnings.push(...ignored.map((field) => `spec.${field} is ignored for headless services`))
  }
  addresses('externalIPs')
  // Where it is ignored anyway, nobody is told twice. Source: KEP-5707, first phase.
  if (spec.externalIPs?.length && !isHeadless && spec.type !== 'ExternalName') {
    warnings.push(
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    )
  }
  if (spec.loadBalancerIP) {
    warnings.push(...ipWarnings(spec.loadBalancerIP, SPEC.child('loadBalancerIP')))
  }
  for (const [i, cidr] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...cidrWarnings(cidr, SPEC.child('loadBalancerSourceRanges').index(i)))
  }
  if (spec.type === 'ExternalName' && spec.externalIPs?.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (spec.type !== 'ExternalName' && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}

function ignoredByHeadless({ loadBalancerIP, externalIPs, sessionAffinity }: Service['spec']) {
  return [
    ...(loadBalancerIP ? ['loadBalancerIP'] : []),
    ...(externalIPs?.length ? ['externalIPs'] : []),
    ...(sessionAffinity === 'None' ? [] : ['SessionAffinity']),
  ]
}

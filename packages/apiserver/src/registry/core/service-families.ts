import { type FieldError, FieldPath, invalidValue, ipFamilyOf, type Service } from '@miniplane/api'
import { needsClusterIP } from './service-types.js'

const SPEC = FieldPath.of('spec')
/** What the cluster's range of addresses gives; there is one range. */
const CLUSTER_FAMILY = 'IPv4'

/**
 * Settles which families of addresses a Service has, and returns what can't be had on a cluster of
 * one. A headless Service without selector is whatever its author makes it.
 */
export function settleFamilies({ spec }: Service): FieldError[] {
  if (!needsClusterIP(spec.type)) return []
  const errors = [...policyFaults(spec), ...inferFamilies(spec)]
  if (errors.length > 0) return errors
  if (spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0) {
    settleOpenFamilies(spec)
    return []
  }
  const isDual = (spec.clusterIPs?.length ?? 0) > 1 || (spec.ipFamilies?.length ?? 0) > 1
  spec.ipFamilyPolicy ??= isDual ? 'RequireDualStack' : 'SingleStack'
  if (!spec.ipFamilies?.length) spec.ipFamilies = [CLUSTER_FAMILY]
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const detail = 'this cluster is not configured for dual-stack services'
    errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, detail))
  }
  for (const [i, family] of spec.ipFamilies.entries()) {
    if (family === CLUSTER_FAMILY) continue
    const at = SPEC.child('ipFamilies').index(i)
    errors.push(invalidValue(at, family, 'not configured on this cluster'))
  }
  return errors
}

type Spec = Service['spec']

/** One stack is one address. */
function policyFaults({ ipFamilyPolicy, clusterIPs, ipFamilies }: Spec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return []
  return Object.entries({ clusterIPs, ipFamilies }).flatMap(([field, values]) => {
    if (values?.length !== 2) return []
    const detail = `must be RequireDualStack or PreferDualStack when multiple \`${field}\` are specified`
    return [invalidValue(SPEC.child('ipFamilyPolicy'), ipFamilyPolicy, detail)]
  })
}

/** An address that was asked for says its family. */
function inferFamilies(spec: Spec): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === 'None') break
    if (spec.ipFamilies?.[i] !== undefined) continue
    const family = `IPv${ipFamilyOf(address)}`
    if (family === CLUSTER_FAMILY) spec.ipFamilies = [...(spec.ipFamilies ?? []), family]
    else {
      const detail = `${family} is not configured on this cluster`
      errors.push(invalidValue(SPEC.child('clusterIPs').index(i), spec.clusterIPs, detail))
    }
  }
  return errors
}

function settleOpenFamilies(spec: Spec): void {
  const families = spec.ipFamilies ?? []
  spec.ipFamilyPolicy ??= 'RequireDualStack'
  const first = families[0] ?? CLUSTER_FAMILY
  if (families.length > 1) return
  const isSingle = spec.ipFamilyPolicy === 'SingleStack'
  spec.ipFamilies = isSingle ? [first] : [first, first === 'IPv4' ? 'IPv6' : 'IPv4']
}

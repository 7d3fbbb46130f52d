import {
  type FieldError,
  FieldPath,
  invalidValue,
  ipFamilyOf,
  type Service,
  semanticEqual,
} from '@miniplane/api'
import { needsClusterIP } from './service-types.js'
import { validateClusterIPs } from './service-validation.js'

const SPEC = FieldPath.of('spec')
/** What the cluster's range of addresses gives; there is one range. */
const CLUSTER_FAMILY = 'IPv4'

/**
 * Settles which families of addresses a Service has, and returns what can't be had on a cluster of
 * one. A headless Service without selector is whatever its author makes it.
 */
export function settleFamilies({ spec }: Service, stored: Service | undefined): FieldError[] {
  if (!needsClusterIP(spec.type) || keepsPreference(spec, stored?.spec)) return []
  const isOpen = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??=
    stored?.spec.ipFamilyPolicy ?? (isOpen ? 'RequireDualStack' : 'SingleStack')
  const broken: FieldError[] = []
  validateClusterIPs(spec, broken)
  if (broken.length > 0) return broken
  const faults = [
    ...(stored ? releaseSecond(spec, stored.spec) : []),
    ...policyFaults(spec),
    ...inferFamilies(spec),
  ]
  if (faults.length > 0) return faults
  if (isOpen) {
    settleOpenFamilies(spec)
    return []
  }
  return settleConfigured(spec)
}

type Spec = Service['spec']

/** One that would like two stacks and got what there was is not asked again. */
function keepsPreference(draft: Spec, stored: Spec | undefined): boolean {
  return (
    stored !== undefined &&
    stored.type === draft.type &&
    draft.ipFamilyPolicy === 'PreferDualStack' &&
    stored.ipFamilyPolicy === 'PreferDualStack' &&
    semanticEqual(draft.clusterIPs, stored.clusterIPs) &&
    semanticEqual(draft.ipFamilies, stored.ipFamilies)
  )
}

/** Only who asks for one stack gives the second address and family back. */
function releaseSecond(draft: Spec, stored: Spec): FieldError[] {
  const errors: FieldError[] = []
  for (const [field, what] of [
    ['clusterIPs', 'cluster IP'],
    ['ipFamilies', 'IP family'],
  ] as const) {
    const [now, before] = [draft[field] ?? [], stored[field] ?? []]
    if (draft.ipFamilyPolicy === 'SingleStack') {
      if (now.length > 1 && semanticEqual(now, before)) {
        Object.assign(draft, { [field]: now.slice(0, 1) })
      }
    } else if (now.length > 0 && now.length < before.length) {
      const detail = `must be 'SingleStack' to release the secondary ${what}`
      errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), draft.ipFamilyPolicy, detail))
    }
  }
  return errors
}

function settleConfigured(spec: Spec): FieldError[] {
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const detail = 'this cluster is not configured for dual-stack services'
    errors.push(invalidValue(SPEC.child('ipFamilyPolicy'), spec.ipFamilyPolicy, detail))
  }
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    if (family === CLUSTER_FAMILY) continue
    const at = SPEC.child('ipFamilies').index(i)
    errors.push(invalidValue(at, family, 'not configured on this cluster'))
  }
  if (errors.length === 0 && !spec.ipFamilies?.length) spec.ipFamilies = [CLUSTER_FAMILY]
  return errors
}

/** One stack is one address. */
function policyFaults({ ipFamilyPolicy, clusterIPs, ipFamilies }: Spec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return []
  const several = { 'cluster IPs': clusterIPs, 'IP families': ipFamilies }
  return Object.entries(several).flatMap(([what, values]) => {
    if (values?.length !== 2) return []
    const detail = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
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
  const first = families[0] ?? CLUSTER_FAMILY
  if (families.length > 1) return
  const isSingle = spec.ipFamilyPolicy === 'SingleStack'
  spec.ipFamilies = isSingle ? [first] : [first, first === 'IPv4' ? 'IPv6' : 'IPv4']
}

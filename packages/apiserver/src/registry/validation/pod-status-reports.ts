import {
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Subdomain,
  type Pod,
} from '@miniplane/api'

const STATUS = FieldPath.of('status')
const ID_MAX = 2_147_483_647

/** What is said of resource claims is about those the Pod asked for, each once. */
export function validateClaimStatuses({ spec, status }: Pod, errors: FieldError[]): void {
  const names = new Set<string>()
  for (const [i, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const at = STATUS.child('resourceClaimStatuses').index(i).child('name')
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      const detail = 'must match the name of an entry in `spec.resourceClaims`'
      errors.push(invalidValue(at, name, detail))
    }
    if (names.has(name)) errors.push(duplicate(at, name))
    names.add(name)
    if (resourceClaimName === undefined) continue
    for (const fault of isDns1123Subdomain(resourceClaimName)) {
      errors.push(invalidValue(at, resourceClaimName, fault))
    }
  }
}

/** Whom containers run as, as a node reports it. */
export function validateContainerUsers({ spec, status }: Pod, errors: FieldError[]): void {
  const fields = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
  for (const field of fields as ['containerStatuses']) {
    for (const [i, { user }] of (status[field] ?? []).entries()) {
      const linux = user?.linux
      if (!linux) continue
      const at = STATUS.child(field).index(i).child('linux')
      if (spec.os?.name === 'windows') {
        errors.push(forbiddenField(at, 'cannot be set for a windows pod'))
        continue
      }
      validateId(linux.uid, at.child('uid'), errors)
      validateId(linux.gid, at.child('gid'), errors)
      for (const [j, group] of (linux.supplementalGroups ?? []).entries()) {
        validateId(group, at.child('supplementalGroups').index(j), errors)
      }
    }
  }
}

function validateId(id: number | bigint | undefined, at: FieldPath, errors: FieldError[]): void {
  if (id === undefined || (id >= 0 && id <= ID_MAX)) return
  errors.push(invalidValue(at, id, `must be between 0 and ${ID_MAX}, inclusive`))
}

import {
  type DeviceClaim,
  type DeviceConstraint,
  type DeviceRequest,
  type DeviceSubRequest,
  type ExactDeviceRequest,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  required,
} from '@miniplane/api'
import type { StrategyContext } from '../strategy.js'
import { oneOf } from '../validation/object-meta.js'
import { boundedList, boundedSet } from './collections.js'
import { validateConfiguration, validateSelectors } from './configuration.js'
import {
  fullyQualifiedName,
  labelName,
  type RequestNames,
  requestReference,
  subdomainName,
} from './names.js'
import { validateDeviceTolerations } from './taints.js'

/** Of requests, constraints and configurations each. */
export const CLAIM_PARTS_MAX = 32
const ALTERNATIVES_MAX = 8
const ADMIN_LABEL = 'resource.kubernetes.io/admin-access'

/** One device of a kind is what a request asks for that says no more. */
export function setDeviceClaimDefaults(claim: DeviceClaim | undefined): void {
  for (const request of claim?.requests ?? []) {
    for (const one of [request.exactly, ...(request.firstAvailable ?? [])]) {
      if (!one) continue
      one.allocationMode ||= 'ExactCount'
      for (const toleration of one.tolerations ?? []) toleration.operator ||= 'Equal'
      if (one.allocationMode === 'ExactCount') one.count ||= 1
    }
  }
}

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  return new Map(
    (requests ?? []).map(({ name, firstAvailable }) => [
      name,
      new Set((firstAvailable ?? []).map((alternative) => alternative.name)),
    ]),
  )
}

export function validateDeviceClaim(
  claim: DeviceClaim,
  path: FieldPath,
  errors: FieldError[],
): void {
  const names = requestNamesOf(claim)
  const nameOf = ({ name }: DeviceRequest) => name
  boundedSet(
    claim.requests,
    CLAIM_PARTS_MAX,
    validateRequest,
    nameOf,
    path.child('requests'),
    errors,
  )
  boundedList(
    claim.constraints,
    CLAIM_PARTS_MAX,
    (constraint, at) => validateConstraint(constraint, names, at, errors),
    path.child('constraints'),
    errors,
  )
  boundedList(
    claim.config,
    CLAIM_PARTS_MAX,
    (config, at) => {
      validateRequestReferences(config.requests, names, at.child('requests'), errors)
      validateConfiguration(config, false, at, errors)
    },
    path.child('config'),
    errors,
  )
}

function validateRequest(request: DeviceRequest, path: FieldPath, errors: FieldError[]): void {
  const { name, exactly, firstAvailable } = request
  labelName(name, path.child('name'), errors)
  const hasAlternatives = (firstAvailable ?? []).length > 0
  const rule = 'exactly one of `exactly` or `firstAvailable` is required'
  if (!exactly && !hasAlternatives) errors.push(required(path, rule))
  else if (exactly && hasAlternatives) {
    errors.push(invalidValue(path, null, `${rule}, but multiple fields are set`))
  } else if (exactly) validateDevicesOf(exactly, path.child('exactly'), errors)
  else {
    const validateAlternative = (one: DeviceSubRequest, at: FieldPath) => {
      labelName(one.name, at.child('name'), errors)
      validateDevicesOf(one, at, errors)
    }
    const at = path.child('firstAvailable')
    boundedSet(firstAvailable, ALTERNATIVES_MAX, validateAlternative, (one) => one.name, at, errors)
  }
}

/** Which devices and how many: of a request, or of one of its alternatives. */
function validateDevicesOf(
  { deviceClassName, selectors, allocationMode, count = 0, tolerations }: ExactDeviceRequest,
  path: FieldPath,
  errors: FieldError[],
): void {
  const classPath = path.child('deviceClassName')
  if (!deviceClassName) errors.push(required(classPath, ''))
  else subdomainName(deviceClassName, classPath, errors)
  validateSelectors(selectors, false, path.child('selectors'), errors)
  if (allocationMode === 'All') {
    if (count !== 0) {
      const detail = "must not be specified when allocationMode is 'All'"
      errors.push(invalidValue(path.child('count'), count, detail))
    }
  } else if (allocationMode === 'ExactCount') {
    if (count <= 0) {
      errors.push(invalidValue(path.child('count'), count, 'must be greater than zero'))
    }
  } else oneOf(allocationMode, ['All', 'ExactCount'], path.child('allocationMode'), errors)
  validateDeviceTolerations(tolerations, path.child('tolerations'), errors)
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateRequestReferences(requests, names, path.child('requests'), errors)
  if (matchAttribute !== undefined) {
    fullyQualifiedName(matchAttribute, path.child('matchAttribute'), errors)
  } else if (distinctAttribute !== undefined) {
    fullyQualifiedName(distinctAttribute, path.child('distinctAttribute'), errors)
  } else {
    // The real server says so although none is set.
    const detail =
      'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
    errors.push(required(path, detail))
  }
}

export function validateRequestReferences(
  references: readonly string[] | undefined,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  const rule = (name: string, at: FieldPath) => requestReference(name, names, at, errors)
  boundedSet(references, CLAIM_PARTS_MAX, rule, (name) => name, path, errors)
}

/** Devices that others use are only for namespaces that an administrator has marked. */
export function forbidAdminAccess(
  namespace: string | undefined,
  path: FieldPath,
  errors: FieldError[],
  { lister }: StrategyContext,
): void {
  const found = lister.get('', 'namespaces', undefined, namespace ?? '')
  if (found?.metadata.labels?.[ADMIN_LABEL] === 'true') return
  const detail = `admin access to devices requires the \`${ADMIN_LABEL}: true\` label on the containing namespace`
  errors.push(forbiddenField(path, detail))
}

/** The first request for such access, in a claim or a template of one. */
export function validateAdminAccess(
  { requests }: DeviceClaim,
  namespace: string | undefined,
  path: FieldPath,
  errors: FieldError[],
  context: StrategyContext,
): void {
  const first = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess)
  if (first < 0) return
  const at = path.child('requests').index(first).child('adminAccess')
  forbidAdminAccess(namespace, at, errors, context)
}

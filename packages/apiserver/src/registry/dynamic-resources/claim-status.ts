import {
  type AllocatedDeviceStatus,
  type AllocationResult,
  type DeviceAllocationConfiguration,
  type DeviceRequestAllocationResult,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isValidCidr,
  type NetworkDeviceData,
  type ResourceClaimConsumerReference,
  required,
  type resourceV1,
  semanticEqual,
  tooLong,
  tooMany,
} from '@miniplane/api'
import type { StrategyContext } from '../strategy.js'
import { validateNodeSelector } from '../validation/affinity.js'
import { validateConditions } from '../validation/conditions.js'
import { goForm } from '../validation/go-struct.js'
import { oneOf } from '../validation/object-meta.js'
import { validateDriverName } from '../validation/volume-sources.js'
import { allocationStruct } from './claim-go-struct.js'
import {
  CLAIM_PARTS_MAX,
  forbidAdminAccess,
  requestNamesOf,
  validateRequestReferences,
} from './claim-spec.js'
import { boundedList, boundedSet } from './collections.js'
import { rawObject, validateConfiguration } from './configuration.js'
import { labelName, poolName, type RequestNames, requestReference, shareId } from './names.js'
import { validateBindingConditions, validateDeviceTolerations } from './taints.js'

const STATUS = FieldPath.of('status')
const RESERVATIONS_MAX = 256
const RESULTS_MAX = 32
const CONDITIONS_MAX = 8
const INTERFACE_NAME_BYTES_MAX = 256
const HARDWARE_ADDRESS_BYTES_MAX = 128
const ADDRESSES_MAX = 16

interface DeviceId {
  readonly driver: string
  readonly pool: string
  readonly device: string
  readonly shareID?: string
}

const deviceKey = ({ driver, pool, device }: DeviceId) => `${driver}/${pool}/${device}`
const sharedKey = (id: DeviceId) =>
  id.shareID === undefined ? deviceKey(id) : `${deviceKey(id)}/${id.shareID}`
/** A device's name in its internal form, as texts print it. */
const sharedForm = ({ driver, pool, device, shareID }: DeviceId) => ({
  Driver: driver,
  Pool: pool,
  Device: device,
  ShareID: shareID ?? '',
})

/** What is said of a device that has just been given back is forgotten with it. */
export function dropDeallocatedDevices(
  draft: resourceV1.ResourceClaim,
  stored: resourceV1.ResourceClaim,
): void {
  const gone = new Set((stored.status.allocation?.devices.results ?? []).map(deviceKey))
  for (const result of draft.status.allocation?.devices.results ?? [])
    gone.delete(deviceKey(result))
  const kept = (draft.status.devices ?? []).filter((device) => !gone.has(deviceKey(device)))
  if (kept.length > 0) draft.status.devices = kept
  else delete draft.status.devices
}

export function validateClaimStatus(
  draft: resourceV1.ResourceClaim,
  stored: resourceV1.ResourceClaim,
  context: StrategyContext,
): FieldError[] {
  const errors: FieldError[] = []
  const { allocation, devices, reservedFor } = draft.status
  const results = allocation?.devices.results ?? []
  if (!stored.status.allocation?.devices.results?.some(({ adminAccess }) => adminAccess)) {
    const first = results.findIndex(({ adminAccess }) => adminAccess)
    const path = STATUS.child('allocation', 'devices', 'results').index(first).child('adminAccess')
    if (first >= 0) forbidAdminAccess(draft.metadata.namespace, path, errors, context)
  }
  const reserved = STATUS.child('reservedFor')
  boundedSet(reservedFor, RESERVATIONS_MAX, validateConsumer, ({ uid }) => uid, reserved, errors)
  const allocated = new Set(results.map(sharedKey))
  boundedSet(
    devices,
    Number.POSITIVE_INFINITY,
    (device, path) => validateDeviceStatus(device, allocated, path, errors),
    sharedKey,
    STATUS.child('devices'),
    errors,
    sharedForm,
  )
  validateReservations(draft, stored, errors)
  validateAllocationChange(draft, stored, errors)
  return errors
}

function validateConsumer(
  consumer: ResourceClaimConsumerReference,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const field of ['resource', 'name', 'uid'] as const) {
    if (!consumer[field]) errors.push(required(path.child(field), ''))
  }
}

/** Only what is allocated can be reserved, and nothing that is on its way out. */
function validateReservations(
  draft: resourceV1.ResourceClaim,
  stored: resourceV1.ResourceClaim,
  errors: FieldError[],
): void {
  const reserved = draft.status.reservedFor ?? []
  if (reserved.length === 0) return
  const path = STATUS.child('reservedFor')
  if (!draft.status.allocation) {
    errors.push(forbiddenField(path, 'may not be specified when `allocated` is not set'))
  } else if (draft.metadata.deletionTimestamp) {
    const before = stored.status.reservedFor ?? []
    if (reserved.every((one) => before.some((old) => semanticEqual(one, old)))) return
    const detail =
      'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
    errors.push(forbiddenField(path, detail))
  }
}

/** An allocation stays what it is until it is taken back as a whole. */
function validateAllocationChange(
  draft: resourceV1.ResourceClaim,
  stored: resourceV1.ResourceClaim,
  errors: FieldError[],
): void {
  const { allocation } = draft.status
  if (!allocation) return
  const path = STATUS.child('allocation')
  const before = stored.status.allocation
  if (!before) validateAllocation(allocation, requestNamesOf(draft.spec.devices), path, errors)
  else if (!semanticEqual(allocation, before)) {
    errors.push(invalidValue(path, goForm(allocation, allocationStruct), 'field is immutable'))
  }
}

function validateAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('devices')
  const validateOne = (one: DeviceRequestAllocationResult, where: FieldPath) =>
    validateAllocated(one, names, where, errors)
  boundedList(devices.results, RESULTS_MAX, validateOne, at.child('results'), errors)
  const validateConfig = (config: DeviceAllocationConfiguration, where: FieldPath) => {
    if (!config.source) errors.push(required(where.child('source'), ''))
    else oneOf(config.source, ['FromClaim', 'FromClass'], where.child('source'), errors)
    validateRequestReferences(config.requests, names, where.child('requests'), errors)
    validateConfiguration(config, false, where, errors)
  }
  // Those of the class and those of the claim.
  boundedList(devices.config, 2 * CLAIM_PARTS_MAX, validateConfig, at.child('config'), errors)
  if (nodeSelector) validateNodeSelector(nodeSelector, path.child('nodeSelector'), errors)
}

function validateAllocated(
  result: DeviceRequestAllocationResult,
  names: RequestNames,
  path: FieldPath,
  errors: FieldError[],
): void {
  requestReference(result.request, names, path.child('request'), errors)
  validateDeviceId(result, path, errors)
  validateBindingConditions(result, path, errors)
  validateDeviceTolerations(result.tolerations, path.child('tolerations'), errors)
  if (result.shareID !== undefined) shareId(result.shareID, path.child('shareID'), errors)
}

function validateDeviceId(
  { driver, pool, device }: DeviceId,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateDriverName(driver, path.child('driver'), errors)
  poolName(pool, path.child('pool'), errors)
  labelName(device, path.child('device'), errors)
}

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateDeviceId(device, path, errors)
  if (device.shareID !== undefined) shareId(device.shareID, path.child('shareID'), errors)
  if (!allocated.has(sharedKey(device))) {
    errors.push(invalidValue(path, sharedForm(device), 'must be an allocated device in the claim'))
  }
  const conditions = device.conditions ?? []
  if (conditions.length > CONDITIONS_MAX) {
    errors.push(tooMany(path.child('conditions'), conditions.length, CONDITIONS_MAX))
  }
  validateConditions(conditions, path.child('conditions'), errors)
  if (device.data !== undefined) rawObject(device.data, false, path.child('data'), errors)
  if (device.networkData) validateNetwork(device.networkData, path.child('networkData'), errors)
}

function validateNetwork(
  { interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (interfaceName.length > INTERFACE_NAME_BYTES_MAX) {
    errors.push(tooLong(path.child('interfaceName'), '', INTERFACE_NAME_BYTES_MAX))
  }
  if (hardwareAddress.length > HARDWARE_ADDRESS_BYTES_MAX) {
    errors.push(tooLong(path.child('hardwareAddress'), '', HARDWARE_ADDRESS_BYTES_MAX))
  }
  const validateAddress = (address: string, at: FieldPath) => {
    if (isValidCidr(address).length === 0) return
    const detail = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'
    errors.push(invalidValue(at, address, detail))
  }
  boundedSet(ips, ADDRESSES_MAX, validateAddress, (ip) => ip, path.child('ips'), errors)
}

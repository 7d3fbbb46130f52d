import {
  type CapacityRequestPolicy,
  type CapacityRequestPolicyRange,
  type Device,
  type DeviceAttribute,
  type DeviceCapacity,
  type DeviceCounterConsumption,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Subdomain,
  notFoundValue,
  parseQuantity,
  required,
  semanticEqual,
  tooLong,
} from '@miniplane/api'
import { validateNodeSelector } from '../validation/affinity.js'
import { type GoStruct, goForm } from '../validation/go-struct.js'
import { sortedNames } from '../validation/resources.js'
import { boundedList, boundedMap, boundedSet } from './collections.js'
import { labelName, QUALIFIED_NAME_BYTES_MAX, qualifiedName } from './names.js'
import { validateBindingConditions, validateTaint } from './taints.js'

const ATTRIBUTES_AND_CAPACITIES_MAX = 32
const ATTRIBUTE_VALUES_MAX = 48
const TAINTS_MAX = 16
const CONSUMPTIONS_MAX = 2
const COUNTERS_MAX = 32
const LABEL_BYTES_MAX = 63
const VALUE_BYTES_MAX = 64
const REQUEST_VALUES_MAX = 10
const NO_BOUND = Number.POSITIVE_INFINITY

/** `isPlacedAlone`: each device of the slice says for itself which nodes can reach it. */
export function validateDevice(
  device: Device,
  stored: Device | undefined,
  isPlacedAlone: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  labelName(device.name, path.child('name'), errors)
  validateSize(device, path, errors)
  boundedMap(
    device.attributes,
    NO_BOUND,
    QUALIFIED_NAME_BYTES_MAX,
    qualifiedName,
    validateAttribute,
    path.child('attributes'),
    errors,
  )
  if (!stored || !semanticEqual(stored.capacity, device.capacity)) {
    const isShared = device.allowMultipleAllocations === true
    const rule = (capacity: DeviceCapacity, at: FieldPath) =>
      validateCapacity(capacity, isShared, at, errors)
    const at = path.child('capacity')
    const { capacity } = device
    boundedMap(capacity, NO_BOUND, QUALIFIED_NAME_BYTES_MAX, qualifiedName, rule, at, errors)
  }
  if (!stored || !semanticEqual(stored.taints, device.taints)) {
    boundedList(device.taints, TAINTS_MAX, validateTaint, path.child('taints'), errors)
  }
  boundedSet(
    device.consumesCounters,
    CONSUMPTIONS_MAX,
    validateConsumption,
    ({ counterSet }) => counterSet,
    path.child('consumesCounters'),
    errors,
  )
  validatePlace(device, isPlacedAlone, path, errors)
  validateBindingConditions(device, path, errors)
  validateNodeResources(device, path.child('nodeAllocatableResourceMappings'), errors)
}

function validateSize(
  { attributes = {}, capacity = {} }: Device,
  path: FieldPath,
  errors: FieldError[],
): void {
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  if (count > ATTRIBUTES_AND_CAPACITIES_MAX) {
    const detail = `the total number of attributes and capacities must not exceed ${ATTRIBUTES_AND_CAPACITIES_MAX}`
    errors.push(invalidValue(path, count, detail))
  }
  let values = 0
  for (const { bools, ints, strings, versions } of Object.values(attributes)) {
    const listed = [bools, ints, strings, versions].reduce(
      (sum, one) => sum + (one?.length ?? 0),
      0,
    )
    values += Math.max(listed, 1)
  }
  if (values > ATTRIBUTE_VALUES_MAX) {
    const detail = `the total number of attribute values must not exceed ${ATTRIBUTE_VALUES_MAX}`
    errors.push(invalidValue(path, values, detail))
  }
}

function validatePlace(
  device: Device,
  isPlacedAlone: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { nodeName, nodeSelector, allNodes } = device
  if (!isPlacedAlone) {
    if (nodeName === undefined && !nodeSelector && allNodes === undefined) return
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
    errors.push(invalidValue(path, null, detail))
    return
  }
  const chosen: string[] = []
  if (nodeName) {
    chosen.push('`nodeName`')
    for (const fault of isDns1123Subdomain(nodeName)) {
      errors.push(invalidValue(path.child('nodeName'), nodeName, fault))
    }
  } else if (nodeName === '') {
    errors.push(invalidValue(path.child('nodeName'), '', 'must not be empty'))
  }
  if (nodeSelector) {
    chosen.push('`nodeSelector`')
    validateNodeSelector(nodeSelector, path.child('nodeSelector'), errors)
  }
  if (allNodes) chosen.push('`allNodes`')
  else if (allNodes === false) {
    errors.push(invalidValue(path.child('allNodes'), false, 'must be either unset or set to true'))
  }
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  if (chosen.length === 0) errors.push(required(path, detail))
  else if (chosen.length > 1) errors.push(invalidValue(path, `{${chosen.join(', ')}}`, detail))
}

function validateNodeResources(device: Device, path: FieldPath, errors: FieldError[]): void {
  const mappings = device.nodeAllocatableResourceMappings ?? {}
  for (const name of sortedNames(mappings)) {
    const key = mappings[name]?.capacityKey
    if (key === undefined || device.capacity?.[key] !== undefined) continue
    errors.push(notFoundValue(path.key(name).child('capacityKey'), key))
  }
}

function validateConsumption(
  { counterSet, counters }: DeviceCounterConsumption,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!counterSet) errors.push(required(path.child('counterSet'), ''))
  else labelName(counterSet, path.child('counterSet'), errors)
  const at = path.child('counters')
  if (Object.keys(counters ?? {}).length === 0) errors.push(required(at, ''))
  else boundedMap(counters, COUNTERS_MAX, LABEL_BYTES_MAX, labelName, () => {}, at, errors)
}

const NUMBER = '(0|[1-9]\\d*)'
const PRE_RELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const BUILD = '[0-9a-zA-Z-]+'
/** semver.org, 2.0.0. */
const SEMVER = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+${BUILD}(\\.${BUILD})*)?$`,
)

function stringValue(value: string, path: FieldPath, errors: FieldError[]): void {
  if (value.length > VALUE_BYTES_MAX) errors.push(tooLong(path, value, VALUE_BYTES_MAX))
}

function versionValue(value: string, path: FieldPath, errors: FieldError[]): void {
  if (!SEMVER.test(value)) {
    errors.push(invalidValue(path, value, 'must be a string compatible with semver.org spec 2.0.0'))
  }
  stringValue(value, path, errors)
}

const attributeStruct: GoStruct = {
  IntValue: null,
  BoolValue: null,
  StringValue: null,
  VersionValue: null,
  IntValues: null,
  BoolValues: null,
  StringValues: null,
  VersionValues: null,
}

function attributeForm(attribute: DeviceAttribute): unknown {
  const { int, bool, string, version, ints, bools, strings, versions } = attribute
  const form = {
    intValue: int,
    boolValue: bool,
    stringValue: string,
    versionValue: version,
    intValues: ints,
    boolValues: bools,
    stringValues: strings,
    versionValues: versions,
  }
  return goForm(form, attributeStruct)
}

function validateAttribute(
  attribute: DeviceAttribute,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (attribute.string !== undefined) stringValue(attribute.string, path.child('string'), errors)
  if (attribute.version !== undefined) {
    versionValue(attribute.version, path.child('version'), errors)
  }
  for (const field of ['bools', 'ints', 'strings', 'versions'] as const) {
    if (attribute[field]?.length === 0) {
      errors.push(invalidValue(path.child(field), [], 'must not be empty if specified'))
    }
  }
  boundedList(attribute.strings, NO_BOUND, stringValue, path.child('strings'), errors)
  boundedList(attribute.versions, NO_BOUND, versionValue, path.child('versions'), errors)
  const count = Object.values(attribute).filter((value) => value !== undefined).length
  if (count === 1) return
  const form = count === 0 ? '' : attributeForm(attribute)
  errors.push(invalidValue(path, form, 'exactly one value must be specified'))
}

function validateCapacity(
  { value, requestPolicy }: DeviceCapacity,
  isShared: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!requestPolicy) return
  const at = path.child('requestPolicy')
  if (isShared) validateRequestPolicy(value, requestPolicy, at, errors)
  else errors.push(forbiddenField(at, 'allowMultipleAllocations must be true'))
}

function validateRequestPolicy(
  capacity: string,
  { default: usual, validValues = [], validRange }: CapacityRequestPolicy,
  path: FieldPath,
  errors: FieldError[],
): void {
  const kind = validValues.length > 0 ? 'validValues' : 'validRange'
  if (validValues.length > 0 && validRange) {
    const detail =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
    errors.push(forbiddenField(path, detail))
  } else if (validValues.length === 0 && !validRange) return
  else if (usual === undefined || usual === null) {
    errors.push(required(path.child('default'), `required when ${kind} is defined`))
  } else if (validRange) validateRange(usual, capacity, validRange, path.child(kind), errors)
  else validateValues(usual, capacity, validValues, path.child(kind), errors)
}

const compare = (one: string, other: string) => parseQuantity(one).compare(parseQuantity(other))

function validateValues(
  usual: string,
  capacity: string,
  values: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, value] of values.entries()) {
    const before = values[i - 1]
    if (before === undefined || compare(before, value) <= 0) continue
    const detail = 'values must be sorted in ascending order'
    errors.push(invalidValue(path.index(i), value, detail))
  }
  const rule = (value: string, at: FieldPath) => {
    if (compare(value, capacity) <= 0) return
    errors.push(invalidValue(at, value, `option is larger than capacity value: ${capacity}`))
  }
  const key = (value: string) => `${parseQuantity(value).value()}`
  boundedSet(values, REQUEST_VALUES_MAX, rule, key, path, errors)
  if (values.some((value) => compare(value, usual) === 0)) return
  const detail = 'default value is not valid according to the requestPolicy'
  errors.push(invalidValue(path, usual, detail))
}

function validateRange(
  usual: string,
  capacity: string,
  { min, max, step }: CapacityRequestPolicyRange,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!min) {
    errors.push(required(path.child('min'), 'required when validRange is defined'))
    return
  }
  const refuse = (field: string, value: string, detail: string) =>
    errors.push(invalidValue(path.child(field), value, detail))
  if (compare(min, capacity) > 0) {
    refuse('min', min, `min is larger than capacity value: ${capacity}`)
  }
  if (compare(usual, min) < 0) refuse('default', usual, `default is less than min: ${min}`)
  if (max !== undefined) {
    if (compare(min, max) > 0) refuse('max', min, `min is larger than max: ${max}`)
    if (compare(max, capacity) > 0) {
      refuse('max', max, `max is larger than capacity value: ${capacity}`)
    }
    if (compare(usual, max) > 0) refuse('default', usual, `default is more than max: ${max}`)
  }
  if (step === undefined) return
  const [stepSize, start] = [parseQuantity(step), parseQuantity(min)]
  const next = start.add(stepSize)
  if (next.compare(parseQuantity(capacity)) > 0) {
    refuse('step', step, `one step ${next} is larger than capacity value: ${capacity}`)
  }
  for (const value of max === undefined ? [usual] : [usual, max]) {
    const distance = BigInt(parseQuantity(value).value()) - BigInt(start.value())
    const size = BigInt(stepSize.value())
    if (size > 0n && distance % size === 0n) continue
    refuse('step', value, `value is not a multiple of a given step (${step}) from (${min})`)
  }
}

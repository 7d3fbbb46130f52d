import {
  type CounterSet,
  type Device,
  type FieldError,
  FieldPath,
  formatTime,
  invalidValue,
  isDns1123Subdomain,
  type NodeSelector,
  type ResourcePool,
  type ResourceSlice,
  type ResourceSliceSpec,
  required,
} from '@miniplane/api'
import { resourceSliceTable } from '../columns/cluster.js'
import { defineStrategy, type StrategyContext } from '../strategy.js'
import { validateNodeSelector } from '../validation/affinity.js'
import { goForm } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { validateDriverName } from '../validation/volume-sources.js'
import { desiredState } from '../workload.js'
import { nodeSelectorTermStruct } from './claim-go-struct.js'
import { boundedMap, boundedSet } from './collections.js'
import { validateDevice } from './devices.js'
import { labelName, poolName } from './names.js'

const SPEC = FieldPath.of('spec')
const DEVICES_MAX = 128
/** Of devices with taints, shared counters or lists of values. */
const COSTLY_DEVICES_MAX = 64
const COUNTER_SETS_MAX = 8
const COUNTERS_MAX = 32
const LABEL_BYTES_MAX = 63
const lifecycle = desiredState<ResourceSlice>()

export const resourceSlices = defineStrategy<ResourceSlice>({
  prepareForCreate(draft, context) {
    lifecycle.prepareForCreate?.(draft, context)
    dateTaints(draft, context)
  },
  prepareForUpdate(draft, stored, context) {
    dateTaints(draft, context)
    lifecycle.prepareForUpdate?.(draft, stored, context)
  },
  validate: (draft) => validateSlice(draft),
  validateUpdate: validateSlice,
  returnsDeletedObject: true,
  unknownField: (label) =>
    `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${label}`,
  selectableFields: {
    'spec.driver': ({ spec }) => spec.driver,
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
  },
  table: resourceSliceTable,
})

/** A taint without a time counts from when the server sees it. */
function dateTaints({ spec }: ResourceSlice, { clock }: StrategyContext): void {
  for (const { taints } of spec.devices ?? []) {
    for (const taint of taints ?? []) taint.timeAdded ??= formatTime(clock.now())
  }
}

function validateSlice({ spec }: ResourceSlice, stored?: ResourceSlice): FieldError[] {
  const errors: FieldError[] = []
  validateDriverName(spec.driver, SPEC.child('driver'), errors)
  validatePool(spec.pool, errors)
  if (stored) {
    const before = stored.spec
    immutableField(spec.pool.name, before.pool.name, SPEC.child('pool', 'name'), errors)
    immutableField(spec.driver, before.driver, SPEC.child('driver'), errors)
    immutableField(spec.nodeName, before.nodeName, SPEC.child('nodeName'), errors)
  }
  validatePlace(spec, errors)
  if (spec.sharedCounters && spec.devices) {
    const detail = 'only one of `sharedCounters` or `devices` is allowed'
    errors.push(invalidValue(SPEC, '', detail))
  }
  boundedSet(
    spec.devices,
    spec.devices?.some(isCostly) ? COSTLY_DEVICES_MAX : DEVICES_MAX,
    (device, path) => {
      const old = stored?.spec.devices?.find(({ name }) => name === device.name)
      validateDevice(device, old, spec.perDeviceNodeSelection === true, path, errors)
    },
    ({ name }) => name,
    SPEC.child('devices'),
    errors,
  )
  boundedSet(
    spec.sharedCounters,
    COUNTER_SETS_MAX,
    validateCounterSet,
    ({ name }) => name,
    SPEC.child('sharedCounters'),
    errors,
  )
  return errors
}

const isCostly = ({ taints, consumesCounters, attributes }: Device): boolean =>
  Boolean(taints?.length) ||
  Boolean(consumesCounters?.length) ||
  Object.values(attributes ?? {}).some(
    ({ bools, ints, strings, versions }) => bools ?? ints ?? strings ?? versions,
  )

function validatePool(pool: ResourcePool, errors: FieldError[]): void {
  const path = SPEC.child('pool')
  poolName(pool.name, path.child('name'), errors)
  if (pool.resourceSliceCount <= 0) {
    const at = path.child('resourceSliceCount')
    errors.push(invalidValue(at, pool.resourceSliceCount, 'must be greater than zero'))
  }
  if (pool.generation < 0) {
    const detail = 'must be greater than or equal to zero'
    errors.push(invalidValue(path.child('generation'), pool.generation, detail))
  }
}

function validatePlace(spec: ResourceSliceSpec, errors: FieldError[]): void {
  const rule =
    'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  const chosen: string[] = []
  if (spec.nodeName !== undefined) {
    const at = SPEC.child('nodeName')
    if (spec.nodeName === '') {
      errors.push(invalidValue(at, '', 'must be either unset or set to a non-empty string'))
    } else {
      chosen.push('`nodeName`')
      for (const fault of isDns1123Subdomain(spec.nodeName)) {
        errors.push(invalidValue(at, spec.nodeName, fault))
      }
    }
  }
  if (spec.nodeSelector) {
    chosen.push('`nodeSelector`')
    validateSliceSelector(spec.nodeSelector, errors)
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[field]) chosen.push(`\`${field}\``)
    else if (spec[field] === false) {
      const detail = 'must be either unset or set to true'
      errors.push(invalidValue(SPEC.child(field), false, detail))
    }
  }
  if (chosen.length === 0) errors.push(required(SPEC, rule))
  else if (chosen.length > 1) {
    const detail = `${rule}, but multiple fields are set`
    errors.push(invalidValue(SPEC, `{${chosen.join(', ')}}`, detail))
  }
}

function validateSliceSelector(selector: NodeSelector, errors: FieldError[]): void {
  const path = SPEC.child('nodeSelector')
  validateNodeSelector(selector, path, errors)
  const terms = selector.nodeSelectorTerms ?? []
  if (terms.length === 1) return
  const form = terms.map((term) => goForm(term, nodeSelectorTermStruct))
  const detail = 'must have exactly one node selector term'
  errors.push(invalidValue(path.child('nodeSelectorTerms'), form, detail))
}

function validateCounterSet(
  { name, counters }: CounterSet,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path.child('name'), ''))
  else labelName(name, path.child('name'), errors)
  const at = path.child('counters')
  if (Object.keys(counters ?? {}).length === 0) errors.push(required(at, ''))
  // A counter is a quantity, and whatever was read as one is good.
  else boundedMap(counters, COUNTERS_MAX, LABEL_BYTES_MAX, labelName, () => {}, at, errors)
}

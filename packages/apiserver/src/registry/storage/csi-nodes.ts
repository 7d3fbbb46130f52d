import {
  type CSINode,
  type CSINodeDriver,
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  isQualifiedName,
  required,
} from '@miniplane/api'
import { csiNodeTable } from '../columns/storage.js'
import { defineStrategy } from '../strategy.js'
import { goForm, pointer } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { nonNegative } from '../validation/numbers.js'
import { validateDriverName } from '../validation/volume-sources.js'

const DRIVERS = FieldPath.of('spec', 'drivers')
const NODE_ID_CHARACTERS_MAX = 256
const driverStruct = {
  Name: '',
  NodeID: '',
  TopologyKeys: null,
  Allocatable: pointer({ Count: null }),
} as const

/** What is installed on a Node: written by its kubelet. */
export const csiNodes = defineStrategy<CSINode>({
  validate: validateNode,
  validateUpdate(draft, stored) {
    const errors = validateNode(draft)
    for (const before of stored.spec.drivers ?? []) {
      for (const after of draft.spec.drivers ?? []) {
        if (before.name === after.name) validateSameDriver(after, before, errors)
      }
    }
    return errors
  },
  returnsDeletedObject: true,
  table: csiNodeTable,
})

/** How many volumes a driver can attach may change, nothing else of it. */
function validateSameDriver(
  after: CSINodeDriver,
  before: CSINodeDriver,
  errors: FieldError[],
): void {
  const form = (driver: CSINodeDriver) =>
    goForm({ ...driver, allocatable: undefined }, driverStruct)
  immutableField(form(after), form(before), DRIVERS, errors)
}

function validateNode({ spec }: CSINode): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [i, driver] of (spec.drivers ?? []).entries()) {
    const path = DRIVERS.index(i)
    validateDriver(driver, path, errors)
    if (names.has(driver.name)) errors.push(duplicate(path.child('name'), driver.name))
    names.add(driver.name)
    validateTopologyKeys(driver, path, errors)
  }
  return errors
}

function validateDriver(
  { name, nodeID, allocatable }: CSINodeDriver,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateDriverName(name, path.child('name'), errors)
  const at = path.child('nodeID')
  if (!nodeID) errors.push(required(at, ''))
  else if (nodeID.length > NODE_ID_CHARACTERS_MAX) {
    const detail = `must be ${NODE_ID_CHARACTERS_MAX} characters or less`
    errors.push(invalidValue(at, nodeID, detail))
  }
  nonNegative(allocatable?.count, path.child('allocatable', 'count'), errors)
}

/** Faults of keys are told of the driver: the real server's path ends there. */
function validateTopologyKeys(
  { topologyKeys }: CSINodeDriver,
  path: FieldPath,
  errors: FieldError[],
): void {
  const seen = new Set<string>()
  for (const key of topologyKeys ?? []) {
    if (key === '') errors.push(required(path, ''))
    if (seen.has(key)) errors.push(duplicate(path, key))
    seen.add(key)
    for (const fault of isQualifiedName(key)) errors.push(invalidValue(path, key, fault))
  }
}

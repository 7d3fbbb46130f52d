import {
  type ContainerStatus,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  ipFamilyOf,
  isDns1123Subdomain,
  isQualifiedName,
  type Pod,
  type PodSpec,
} from '@miniplane/api'
import { immutableField } from './immutable.js'
import { ipFaults } from './ip.js'
import {
  validateAllocatedResources,
  validateClaimStatuses,
  validateContainerUsers,
  validateExtendedClaim,
} from './pod-status-reports.js'

const STATUS = FieldPath.of('status')
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized'])
const NOT_NEGATIVE = 'must be a non-negative integer'

/** What older writers of a status do not know of stays as it was. */
export function keepObserved({ status }: Pod, stored: Pod): void {
  const before = stored.status
  if (!status.qosClass && before.qosClass) status.qosClass = before.qosClass
  if (!status.observedGeneration && before.observedGeneration) {
    status.observedGeneration = before.observedGeneration
  }
  for (const condition of status.conditions ?? []) {
    if (condition.observedGeneration) continue
    const old = before.conditions?.find(({ type }) => type === condition.type)
    if (old?.observedGeneration) condition.observedGeneration = old.observedGeneration
  }
}

export function validatePodStatus(draft: Pod, stored: Pod): FieldError[] {
  const errors: FieldError[] = []
  const { status } = draft
  validateConditions(draft, errors)
  validateNomination(draft, stored, errors)
  if ((status.observedGeneration ?? 0) < 0) {
    const at = STATUS.child('observedGeneration')
    errors.push(invalidValue(at, status.observedGeneration, NOT_NEGATIVE))
  }
  immutableField(status.qosClass, stored.status.qosClass, STATUS.child('qosClass'), errors)
  for (const kind of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    validateTransitions(draft, stored, kind, errors)
  }
  validateClaimStatuses(draft, errors)
  validateExtendedClaim(draft, errors)
  validateAddresses('podIP', draft, errors)
  validateAddresses('hostIP', draft, errors)
  validateContainerUsers(draft, errors)
  validateAllocatedResources(draft, errors)
  return errors
}

function validateConditions({ status }: Pod, errors: FieldError[]): void {
  for (const [i, { type, observedGeneration = 0 }] of (status.conditions ?? []).entries()) {
    const at = STATUS.child('conditions').index(i)
    if (observedGeneration < 0) {
      errors.push(invalidValue(at.child('observedGeneration'), observedGeneration, NOT_NEGATIVE))
    }
    if (SYSTEM_CONDITIONS.has(type)) continue
    for (const fault of isQualifiedName(type))
      errors.push(invalidValue(at.child('Type'), type, fault))
  }
}

function validateNomination({ status }: Pod, stored: Pod, errors: FieldError[]): void {
  const node = status.nominatedNodeName
  if (!node || node === stored.status.nominatedNodeName) return
  const at = STATUS.child('nominatedNodeName')
  for (const fault of isDns1123Subdomain(node)) errors.push(invalidValue(at, node, fault))
  if (stored.spec.nodeName) {
    errors.push(forbiddenField(at, 'may not be set on pods that are already bound to a node'))
  }
}

type ContainerKind = 'containers' | 'initContainers' | 'ephemeralContainers'
const STATUSES = {
  containers: 'containerStatuses',
  initContainers: 'initContainerStatuses',
  ephemeralContainers: 'ephemeralContainerStatuses',
} as const

/** A container that ended for good does not come back. */
function validateTransitions(
  draft: Pod,
  stored: Pod,
  kind: ContainerKind,
  errors: FieldError[],
): void {
  const field = STATUSES[kind]
  for (const [i, { name, state }] of (stored.status[field] ?? []).entries()) {
    const ended = state?.terminated
    if (!ended) continue
    const now = draft.status[field]?.find((one) => one.name === name)
    if (!now || isTerminated(now) || mayRestart(stored.spec, kind, name, ended.exitCode)) continue
    const at = STATUS.child(field).index(i).child('state')
    errors.push(forbiddenField(at, 'may not be transitioned to non-terminated state'))
  }
}

const isTerminated = ({ state }: ContainerStatus) => state?.terminated !== undefined

/** By the rules of the container, then its own policy, then that of the Pod. */
function mayRestart(spec: PodSpec, kind: ContainerKind, name: string, exitCode: number): boolean {
  if (kind === 'ephemeralContainers') return false
  const container = spec[kind]?.find((one) => one.name === name)
  for (const { exitCodes } of container?.restartPolicyRules ?? []) {
    const isListed = exitCodes?.values?.includes(exitCode) === true
    if (exitCodes && isListed === (exitCodes.operator === 'In')) return true
  }
  const policy = container?.restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** One address of each family; the first of them stands in the older field too. */
function validateAddresses(field: 'podIP' | 'hostIP', { status }: Pod, errors: FieldError[]): void {
  const first = status[field] ?? ''
  const addresses = (status[`${field}s`] ?? []).map(({ ip }) => ip ?? '')
  const path = STATUS.child(`${field}s`)
  if (addresses.length > 0 && first !== addresses[0]) {
    const at = path.index(0).child('ip')
    errors.push(invalidValue(at, addresses[0], `must be equal to \`${field}\``))
  }
  for (const [i, address] of addresses.entries()) {
    for (const fault of ipFaults(address)) errors.push(invalidValue(path.index(i), address, fault))
  }
  const families = addresses.map(ipFamilyOf)
  if (families.length > 2 || new Set(families).size < families.length) {
    const form = addresses.map((IP) => ({ IP }))
    errors.push(invalidValue(path, form, 'may specify no more than one IP for each IP family'))
  }
}

import {
  type Container,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  type Pod,
  type ResourceRequirements,
  semanticEqual,
} from '@miniplane/api'
import { validatePodSpec } from './pod-spec.js'
import { qosChanged } from './pod-update.js'

const SPEC = FieldPath.of('spec')
/** Where the real server reports what concerns the object as a whole: a path without a name. */
export const NOWHERE = FieldPath.root.key('')
/** Marks the image of a Pod that a node runs from its own files. */
export const MIRROR = 'kubernetes.io/config.mirror'
const ONLY_COMPUTE = 'only cpu and memory resources are mutable'

/** Through `resize` a Pod may get more or less CPU and memory, and nothing else. */
export function validateResize(draft: Pod, stored: Pod): FieldError[] {
  if (stored.metadata.annotations?.[MIRROR] !== undefined) {
    return [forbiddenField(NOWHERE, 'static pods cannot be resized')]
  }
  if (stored.spec.os?.name === 'windows') {
    return [forbiddenField(NOWHERE, 'windows pods cannot be resized')]
  }
  const errors: FieldError[] = []
  validatePodSpec(draft.spec, SPEC, errors, draft.metadata.name ?? '')
  if (qosChanged(draft, stored)) {
    const detail = 'Pod QOS Class may not change as a result of resizing'
    errors.push(invalidValue(SPEC, draft.status.qosClass ?? '', detail))
  }
  if (!canResize(stored)) {
    errors.push(forbiddenField(SPEC, 'Pod running on node without support for resize'))
  }
  validateWhole(draft, stored, errors)
  const order = validateOrder(draft, stored)
  if (order.length > 0) return [...errors, ...order]
  for (const kind of ['initContainers', 'containers'] as const) {
    for (const [i, before] of (stored.spec[kind] ?? []).entries()) {
      const after = draft.spec[kind]?.[i]
      if (!after) continue
      const path = SPEC.child(kind).index(i).child('resources')
      notRemoved(after.resources, before.resources, 'resource', path, errors)
    }
  }
  validateContainers(draft, stored, errors)
  return errors
}

/** Containers are compared by their places, so that they must stay there. */
function validateOrder(draft: Pod, stored: Pod): FieldError[] {
  const errors: FieldError[] = []
  for (const kind of ['containers', 'initContainers'] as const) {
    const [after, before] = [draft.spec[kind] ?? [], stored.spec[kind] ?? []]
    if (after.length !== before.length) {
      const detail = `${kind} may not be added or removed on resize`
      errors.push(forbiddenField(SPEC.child(kind), detail))
      continue
    }
    for (const [i, { name }] of before.entries()) {
      if (after[i]?.name === name) continue
      const detail = `${kind} may not be renamed or reordered on resize`
      errors.push(forbiddenField(SPEC.child(kind).index(i).child('name'), detail))
    }
  }
  return errors
}

/** A node that can resize says of its running containers what they have. */
function canResize({ status }: Pod): boolean {
  const running = status.containerStatuses?.find(({ state }) => state?.running)
  return running === undefined || running.resources !== undefined
}

function validateWhole(draft: Pod, stored: Pod, errors: FieldError[]): void {
  const [after, before] = [draft.spec.resources, stored.spec.resources]
  const path = SPEC.child('resources')
  if (before && !after) {
    errors.push(forbiddenField(path, 'pod-level resources cannot be removed'))
    return
  }
  if (before && after) notRemoved(after, before, 'pod-level resource', path, errors)
  if (!semanticEqual(withoutCompute(after), withoutCompute(before))) {
    errors.push(forbiddenField(SPEC, `${ONLY_COMPUTE} at pod-level`))
  }
}

function notRemoved(
  after: ResourceRequirements,
  before: ResourceRequirements,
  what: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const kind of ['requests', 'limits'] as const) {
    const isRemoved = Object.keys(before[kind] ?? {}).some(
      (name) => after[kind]?.[name] === undefined,
    )
    if (isRemoved)
      errors.push(forbiddenField(path.child(kind), `${what} ${kind} cannot be removed`))
  }
}

function validateContainers(draft: Pod, stored: Pod, errors: FieldError[]): void {
  for (const [i, container] of draft.spec.containers.entries()) {
    if (!differsInComputeOnly(container, stored.spec.containers[i]))
      errors.push(forbiddenField(SPEC, ONLY_COMPUTE))
  }
  for (const [i, container] of (draft.spec.initContainers ?? []).entries()) {
    const before = stored.spec.initContainers?.[i]
    const at = SPEC.child('initContainers').index(i)
    if (!differsInComputeOnly(container, before)) {
      const detail = 'only cpu and memory resources for init or sidecar containers are mutable'
      errors.push(forbiddenField(at, detail))
    }
    if (container.restartPolicy === 'Always' || semanticEqual(container, before)) continue
    for (const { restartPolicy } of container.resizePolicy ?? []) {
      if (restartPolicy !== 'RestartContainer') continue
      const detail =
        'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
      errors.push(forbiddenField(at, detail))
    }
  }
}

/** Claims that are sent count for nothing, so that a container which has some is never the same. */
function differsInComputeOnly(after: Container, before: Container | undefined): boolean {
  const { claims: _claims, ...amounts } = after.resources
  return semanticEqual(
    { ...after, resources: withoutCompute(amounts) },
    { ...before, resources: withoutCompute(before?.resources) },
  )
}

function withoutCompute(resources: ResourceRequirements | undefined): unknown {
  const rest = (amounts: Record<string, string> | undefined) => {
    const { cpu: _cpu, memory: _memory, ...others } = amounts ?? {}
    return others
  }
  const { requests, limits, ...others } = resources ?? {}
  return { ...others, requests: rest(requests), limits: rest(limits) }
}

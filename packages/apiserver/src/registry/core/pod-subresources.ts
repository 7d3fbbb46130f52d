import {
  type Container,
  conflict,
  deepCopy,
  type FieldError,
  FieldPath,
  forbiddenField,
  formatTime,
  type KubeObject,
  notSupported,
  type Pod,
  type PodStatus,
  required,
} from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import { followGeneration } from '../generation.js'
import { copyField, KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import type { SubresourceContext, SubresourceStrategy } from '../strategy.js'
import { validatePodAnnotationUpdate } from '../validation/pod-annotations.js'
import { MIRROR, NOWHERE, validateResize } from '../validation/pod-resize.js'
import { validatePodSpec } from '../validation/pod-spec.js'
import { keepObserved, validatePodStatus } from '../validation/pod-status.js'
import { validateEphemeralUpdate } from '../validation/pod-update.js'

const SPEC = FieldPath.of('spec')
const ANNOTATIONS = FieldPath.of('metadata', 'annotations')

export const podStatus = statusSubresource<Pod>({
  // Kubelets of old wrote back owner references they did not know in full.
  keep: ['ownerReferences'],
  prepare: keepObserved,
  validate(draft, stored) {
    const errors: FieldError[] = []
    validatePodAnnotationUpdate(draft, stored, ANNOTATIONS, errors)
    return [...errors, ...validatePodStatus(draft, stored)]
  },
})

/** Takes from what was sent only the part that this subresource is about. */
const takeOnly = (
  take: (draft: Pod, sent: Pod) => void,
): Pick<SubresourceStrategy<Pod>, 'prepareForUpdate'> => ({
  prepareForUpdate(draft, stored) {
    const sent = { ...draft, spec: draft.spec }
    draft.spec = deepCopy(stored.spec)
    draft.status = stored.status
    for (const field of KEEPS_METADATA) copyField(draft.metadata, stored.metadata, field)
    take(draft, sent)
    followGeneration(draft, stored)
  },
})

export const podEphemeralContainers: SubresourceStrategy<Pod> = {
  ...takeOnly((draft, sent) => copyField(draft.spec, sent.spec, 'ephemeralContainers')),
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    if (stored.metadata.annotations?.[MIRROR] !== undefined) {
      return [forbiddenField(NOWHERE, 'static pods do not support ephemeral containers')]
    }
    validatePodSpec(draft.spec, SPEC, errors, draft.metadata.name ?? '')
    validateEphemeralUpdate(draft, stored, errors)
    return errors
  },
}

const CONTAINERS = ['containers', 'initContainers'] as const

export const podResize: SubresourceStrategy<Pod> = {
  prepareForUpdate(draft, stored) {
    const { spec: sent } = draft
    const count = (spec: Pod['spec'], kind: (typeof CONTAINERS)[number]) => spec[kind]?.length ?? 0
    // What adds or moves containers stays for the validation to refuse.
    if (CONTAINERS.every((kind) => count(sent, kind) === count(stored.spec, kind))) {
      draft.spec = deepCopy(stored.spec)
      draft.status = stored.status
      for (const field of KEEPS_METADATA) copyField(draft.metadata, stored.metadata, field)
      copyField(draft.spec, sent, 'resources')
      for (const kind of CONTAINERS) {
        if (sent[kind]) draft.spec[kind] = withResources(sent[kind], draft.spec[kind] ?? [])
      }
    }
    followGeneration(draft, stored)
  },
  validateUpdate: validateResize,
}

/** The stored containers with the resources sent, unless they are not the same containers. */
function withResources(sent: Container[], stored: Container[]): Container[] {
  if (sent.some(({ name }, i) => name !== stored[i]?.name)) return sent
  for (const [i, container] of stored.entries()) {
    copyField(container, sent[i] as Container, 'resources')
    copyField(container, sent[i] as Container, 'resizePolicy')
  }
  return stored
}

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string }
}

/** A scheduler's decision: gives the Pod its node, once. */
export const podBinding: SubresourceStrategy<Pod> = {
  async create(sent, name, context) {
    const binding = sent as Binding
    const errors = validateBinding(binding)
    // The real server has no better code for this than a failure of its own.
    if (errors.length > 0) throw bindingError(errors)
    const node = binding.target?.name ?? ''
    await context.guaranteedUpdate(name, (draft, stored) =>
      bind(draft, stored, node, binding, context),
    )
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  },
}

function validateBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('target')
  const kind = target?.kind ?? ''
  if (kind !== '' && kind !== 'Node') {
    errors.push(notSupported(path.child('kind'), kind, ['Node', '<empty>']))
  }
  if (!target?.name) errors.push(required(path.child('name'), ''))
  return errors
}

function bindingError(errors: readonly FieldError[]): Error {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return plainServerError(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
}

function bind(
  draft: Pod,
  stored: Pod,
  node: string,
  binding: Binding,
  { clock }: SubresourceContext<Pod>,
): void {
  const name = stored.metadata.name ?? ''
  const refuse = (detail: string) => conflict({ group: '', resource: 'pods/binding' }, name, detail)
  const { annotations, labels } = binding.metadata ?? {}
  checkBinding(binding, stored)
  if (stored.metadata.deletionTimestamp) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  }
  if (stored.spec.nodeName) {
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(stored.spec.nodeName)}`)
  }
  if (stored.spec.schedulingGates?.length) {
    throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
  }
  draft.spec.nodeName = node
  if (labels) draft.metadata.labels = { ...draft.metadata.labels, ...labels }
  if (annotations) draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations }
  // A promise of room has been kept, or does not matter any more.
  delete draft.status.nominatedNodeName
  markScheduled(draft.status, formatTime(clock.now()))
}

/** Whoever names a form of the Pod means no other. */
function checkBinding({ metadata: wanted }: Binding, { metadata }: Pod): void {
  const parts = [
    ['UID', wanted?.uid, metadata.uid],
    ['ResourceVersion', wanted?.resourceVersion, metadata.resourceVersion],
  ] as const
  for (const [part, value, actual] of parts) {
    if (!value || value === actual) continue
    const { namespace, name = '' } = metadata
    const fault = `Precondition failed: ${part} in precondition: ${value}, ${part} in object meta: ${actual}`
    const detail = `StorageError: invalid object, Code: 4, Key: /registry/pods/${namespace}/${name}, ResourceVersion: 0, AdditionalErrorMsg: ${fault}`
    throw conflict({ group: '', resource: 'pods' }, name, detail)
  }
}

function markScheduled(status: PodStatus, now: string): void {
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: now,
  }
  status.conditions = [...others, scheduled]
}

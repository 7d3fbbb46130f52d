import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  isValidLabelValue,
  notSupported,
  type ObjectMeta,
  type OwnerReference,
  required,
  tooLong,
} from '@miniplane/api'
import { immutableField } from './immutable.js'
import { dnsLabelName, type NameRule } from './names.js'
import { nonNegative } from './numbers.js'

/** All annotations of one object together, keys and values. */
const ANNOTATION_BYTES_MAX = 256 * 1024
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** The rules that hold for the metadata of every object that is about to be stored. */
export function validateObjectMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  nameRule: NameRule,
  path: FieldPath = FieldPath.of('metadata'),
): FieldError[] {
  const errors: FieldError[] = []
  validateNames(meta, namespaced, nameRule, path, errors)
  nonNegative(meta.generation, path.child('generation'), errors)
  validateLabels(meta.labels, path.child('labels'), errors)
  validateAnnotations(meta.annotations, path.child('annotations'), errors)
  validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences'), errors)
  validateFinalizers(meta.finalizers, path.child('finalizers'), errors)
  return errors
}

/** Finalizers that nobody stands for. */
export function validateFinalizerOwners(
  { finalizers }: ObjectMeta,
  path: FieldPath = FieldPath.of('metadata', 'finalizers'),
): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, finalizer] of (finalizers ?? []).entries())
    validateFinalizerName(finalizer, path.index(i), errors)
  return errors
}

function validateNames(
  meta: ObjectMeta,
  namespaced: boolean,
  nameRule: NameRule,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { generateName, name, namespace } = meta
  if (generateName) {
    for (const fault of nameRule(generateName, true)) {
      errors.push(invalidValue(path.child('generateName'), generateName, fault))
    }
  }
  if (!name) errors.push(required(path.child('name'), 'name or generateName is required'))
  else {
    for (const fault of nameRule(name, false)) {
      errors.push(invalidValue(path.child('name'), name, fault))
    }
  }
  if (!namespaced) {
    if (namespace) {
      errors.push(forbiddenField(path.child('namespace'), 'not allowed on this type'))
    }
  } else if (!namespace) errors.push(required(path.child('namespace'), ''))
  else {
    for (const fault of dnsLabelName(namespace, false)) {
      errors.push(invalidValue(path.child('namespace'), namespace, fault))
    }
  }
}

export function validateLabels(
  labels: Record<string, string> | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const key in labels) {
    for (const fault of isQualifiedName(key)) errors.push(invalidValue(path, key, fault))
    const value = labels[key] ?? ''
    for (const fault of isValidLabelValue(value)) errors.push(invalidValue(path, value, fault))
  }
}

export function validateAnnotations(
  annotations: Record<string, string> | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  let bytes = 0
  for (const key in annotations) {
    // Keys are compared as if in lower case: an annotation may be written in any.
    for (const fault of isQualifiedName(key.toLowerCase())) {
      errors.push(invalidValue(path, key, fault))
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '')
  }
  if (bytes > ANNOTATION_BYTES_MAX) errors.push(tooLong(path, '', ANNOTATION_BYTES_MAX))
}

function validateOwnerReferences(
  owners: readonly OwnerReference[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  let controller: string | undefined
  for (const owner of owners ?? []) {
    const parts = owner.apiVersion?.split('/') ?? []
    if (!parts.at(-1) || parts.length > 2) {
      errors.push(
        invalidValue(path.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty'),
      )
    }
    for (const field of ['kind', 'name', 'uid'] as const) {
      if (!owner[field]) {
        errors.push(invalidValue(path.child(field), owner[field] ?? '', 'must not be empty'))
      }
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalidValue(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (!owner.controller) continue
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`
      errors.push(invalidValue(path, owners, detail))
    }
    controller ??= `${owner.kind}/${owner.name}`
  }
}

function validateFinalizers(
  finalizers: readonly string[] | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!finalizers) return
  for (const finalizer of finalizers) {
    for (const fault of isQualifiedName(finalizer)) {
      errors.push(invalidValue(path, finalizer, fault))
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(
      invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    )
  }
}

/** A finalizer is either one of Kubernetes' own or belongs to a domain. */
export function validateFinalizerName(
  finalizer: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return
  errors.push(
    invalidValue(
      path,
      finalizer,
      'name is neither a standard finalizer name nor is it fully qualified',
    ),
  )
}

/** What an update may not change, for every object. Values are checked by `validateObjectMeta`. */
export function validateObjectMetaUpdate(
  draft: ObjectMeta,
  stored: ObjectMeta,
  path: FieldPath = FieldPath.of('metadata'),
): FieldError[] {
  const errors: FieldError[] = []
  if (stored.deletionTimestamp) {
    const added = (draft.finalizers ?? []).filter((one) => !stored.finalizers?.includes(one))
    if (added.length > 0) {
      errors.push(
        forbiddenField(
          path.child('finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`,
        ),
      )
    }
  }
  if (!draft.resourceVersion) {
    errors.push(invalidValue(path.child('resourceVersion'), '', 'must be specified for an update'))
  }
  if (draft.generation !== undefined && draft.generation < (stored.generation ?? 0)) {
    errors.push(invalidValue(path.child('generation'), draft.generation, 'must not be decremented'))
  }
  for (const field of FIXED_FIELDS) {
    immutableField(draft[field], stored[field], path.child(field), errors)
  }
  return errors
}

const FIXED_FIELDS = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** Go's `%#v` of a `[]string`. */
const goStrings = (values: readonly string[]) =>
  `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`

/** The value must be one of `supported`; the list in the text is in the order given. */
export function oneOf(
  value: string | undefined,
  supported: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): boolean {
  if (value !== undefined && supported.includes(value)) return true
  errors.push(notSupported(path, value ?? '', supported))
  return false
}

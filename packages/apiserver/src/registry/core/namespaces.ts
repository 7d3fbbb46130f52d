import {
  type FieldError,
  FieldPath,
  invalidValue,
  isQualifiedName,
  type Namespace,
} from '@miniplane/api'
import { namespaceTable } from '../columns/core.js'
import { sortedMap } from '../sorted-map.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { dnsLabelName } from '../validation/names.js'
import { validateFinalizerName } from '../validation/object-meta.js'

const NAME_LABEL = 'kubernetes.io/metadata.name'
const FINALIZER = 'kubernetes'
const FINALIZERS = FieldPath.of('spec', 'finalizers')

export const namespaces = defineStrategy<Namespace>({
  /** Every Namespace carries its name as a label, so that selectors can choose it by name. */
  setDefaults({ metadata, status }) {
    if (metadata.name)
      metadata.labels = sortedMap({ ...metadata.labels, [NAME_LABEL]: metadata.name })
    status.phase ||= 'Active'
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Active' }
    const finalizers = draft.spec.finalizers ?? []
    // Its contents go first: the namespace controller takes this one away.
    if (!finalizers.includes(FINALIZER)) draft.spec.finalizers = [...finalizers, FINALIZER]
  },
  prepareForUpdate(draft, stored) {
    draft.spec = stored.spec
    draft.status = stored.status
  },
  prepareForDelete(draft) {
    draft.status = { ...draft.status, phase: 'Terminating' }
    // The real server gives a terminating Namespace no grace period.
    delete draft.metadata.deletionGracePeriodSeconds
  },
  holdsDeletion: ({ spec }) => (spec.finalizers ?? []).length > 0,
  validateName: dnsLabelName,
  validate: (namespace) => validateFinalizers(namespace, () => FINALIZERS),

  returnsDeletedObject: true,
  selectableFields: {
    'status.phase': ({ status }) => status.phase ?? '',
  },
  table: namespaceTable,
  subresources: {
    status: statusSubresource<Namespace>({
      validate({ status: { phase = '' }, metadata }) {
        const isEnding = metadata.deletionTimestamp !== undefined
        if (phase === (isEnding ? 'Terminating' : 'Active')) return []
        const detail = isEnding
          ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
          : "may only be 'Active' if `deletionTimestamp` is empty"
        return [invalidValue(FieldPath.of('status', 'Phase'), phase, detail)]
      },
    }),
    finalize: {
      prepareForUpdate(draft, stored) {
        draft.status = stored.status
      },
      validateUpdate: (namespace) => validateFinalizers(namespace, (i) => FINALIZERS.index(i)),
    },
  },
})

function validateFinalizers({ spec }: Namespace, pathOf: (i: number) => FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, finalizer] of (spec.finalizers ?? []).entries()) {
    for (const fault of isQualifiedName(finalizer)) {
      errors.push(invalidValue(pathOf(i), finalizer, fault))
    }
    validateFinalizerName(finalizer, pathOf(i), errors)
  }
  return errors
}

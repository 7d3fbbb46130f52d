import {
  badRequest,
  type DaemonSet,
  type FieldError,
  FieldPath,
  invalidValue,
  notSupported,
  required,
  semanticEqual,
} from '@miniplane/api'
import { daemonSetTable } from '../columns/workloads.js'
import { dropDisabledFields } from '../core/disabled-fields.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { followGeneration } from '../generation.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, pointer } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import {
  isEmptySelector,
  isSelectorBroken,
  validateLabelSelector,
} from '../validation/label-selector.js'
import {
  intOrPercentValue,
  nonNegative,
  nonNegativeIntOrPercent,
  notMoreThanHundredPercent,
} from '../validation/numbers.js'
import {
  forbidActiveDeadline,
  requireRestartAlways,
  selectsTemplate,
  TEMPLATE,
  templateMismatch,
  validatePodTemplate,
} from '../validation/pod-template.js'
import { podWarnings } from '../validation/pod-warnings.js'
import { replicaCounts } from '../validation/replica-counts.js'
import { specWarnings } from '../workload.js'

const SPEC = FieldPath.of('spec')
/** Counts templates. Only old clients read it, but they still do. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'
const updateStruct = {
  Type: '',
  RollingUpdate: pointer({ MaxUnavailable: null, MaxSurge: null }),
} as const

export const daemonSets = defineStrategy<DaemonSet>({
  setDefaults({ metadata, spec }) {
    // A field of the internal version: who doesn't say anything says none.
    const count = metadata.annotations?.[TEMPLATE_GENERATION]
    if (count === undefined)
      metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: '0' }
    else if (!/^[+-]?\d+$/.test(count)) throw notANumber(count)
    setPodTemplateDefaults(spec.template)
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ||= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
    }
    // Internally both are numbers, so that who says one says the other.
    if (spec.updateStrategy.rollingUpdate) {
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 0
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1
    dropDisabledFields(draft.spec.template.spec)
    setTemplateGeneration(draft, Math.max(templateGeneration(draft), 1))
  },
  prepareForUpdate(draft, stored) {
    dropDisabledFields(draft.spec.template.spec)
    followGeneration(draft, stored)
    const before = templateGeneration(stored)
    const isSame = semanticEqual(draft.spec.template, stored.spec.template)
    setTemplateGeneration(draft, isSame ? before : before + 1)
  },
  validate: validateDaemonSet,
  validateUpdate(draft, stored) {
    const errors: FieldError[] = []
    immutableField(draft.spec.selector, stored.spec.selector, SPEC.child('selector'), errors)
    return [...errors, ...validateDaemonSet(draft)]
  },
  ...specWarnings<DaemonSet>(({ spec }) => podWarnings(spec.template, TEMPLATE)),
  table: daemonSetTable,
  subresources: {
    status: statusSubresource<DaemonSet>({
      prepare: (draft, stored) => setTemplateGeneration(draft, templateGeneration(stored)),
      validate: ({ status }, stored) =>
        replicaCounts(status, {
          before: stored.status,
          counts: [
            'currentNumberScheduled',
            'numberMisscheduled',
            'desiredNumberScheduled',
            'numberReady',
            'observedGeneration',
            'updatedNumberScheduled',
            'numberAvailable',
            'numberUnavailable',
            'collisionCount',
          ],
        }),
    }),
  },
})

/** It is a number in the internal version, so that no object can be made of anything else. */
const notANumber = (text: string) =>
  badRequest(
    `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`,
  )

const templateGeneration = ({ metadata }: DaemonSet) =>
  Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0)

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: `${generation}` }
}

function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors: FieldError[] = []
  const { selector } = spec
  validateLabelSelector(selector, SPEC.child('selector'), errors)
  // Without a selector this is the only fault: it matches nothing.
  if (!isSelectorBroken(selector) && !selectsTemplate(selector, spec.template)) {
    errors.push(templateMismatch(spec.template, TEMPLATE))
  }
  if (selector && isEmptySelector(selector)) {
    const detail = 'empty selector is invalid for daemonset'
    errors.push(invalidValue(SPEC.child('selector'), selector, detail))
  }
  validatePodTemplate(spec.template, TEMPLATE, errors)
  requireRestartAlways(spec.template, TEMPLATE, errors)
  forbidActiveDeadline(spec.template, 'DaemonSet', TEMPLATE, errors)
  nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors)
  validateUpdateStrategy(spec.updateStrategy, errors)
  nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), errors)
  return errors
}

function validateUpdateStrategy(
  strategy: DaemonSet['spec']['updateStrategy'],
  errors: FieldError[],
): void {
  const path = SPEC.child('updateStrategy')
  if (strategy.type === 'OnDelete') return
  if (strategy.type !== 'RollingUpdate') {
    errors.push(notSupported(path, goForm(strategy, updateStruct), ['RollingUpdate', 'OnDelete']))
    return
  }
  const at = path.child('rollingUpdate')
  if (!strategy.rollingUpdate) {
    errors.push(required(at, ''))
    return
  }
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate
  nonNegativeIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors)
  nonNegativeIntOrPercent(maxSurge, at.child('maxSurge'), errors)
  notMoreThanHundredPercent(maxUnavailable, at.child('maxUnavailable'), errors)
  notMoreThanHundredPercent(maxSurge, at.child('maxSurge'), errors)
  const [gone, extra] = [intOrPercentValue(maxUnavailable), intOrPercentValue(maxSurge)]
  if (gone !== 0 && extra !== 0) {
    const detail = 'may not be set when maxUnavailable is non-zero'
    errors.push(invalidValue(at.child('maxSurge'), maxSurge, detail))
  } else if (gone === 0 && extra === 0) {
    errors.push(required(at.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
  }
}

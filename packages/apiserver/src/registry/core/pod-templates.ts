import { type FieldError, FieldPath, type PodTemplate } from '@miniplane/api'
import { podTemplateTable } from '../columns/core.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { defineStrategy } from '../strategy.js'
import { validatePodTemplate } from '../validation/pod-template.js'
import { podWarnings } from '../validation/pod-warnings.js'
import { templatedState } from '../workload.js'

const TEMPLATE = FieldPath.of('template')

export const podTemplates = defineStrategy<PodTemplate>({
  setDefaults: ({ template }) => setPodTemplateDefaults(template),
  ...templatedState<PodTemplate>(
    ({ template }) => template,
    ({ template }) => template,
  ),
  validate: validateTemplate,
  warningsOnCreate: ({ template }) => podWarnings(template, TEMPLATE),
  validateUpdate: (draft) => validateTemplate(draft),
  table: podTemplateTable,
})

function validateTemplate({ template }: PodTemplate): FieldError[] {
  const errors: FieldError[] = []
  validatePodTemplate(template, TEMPLATE, errors)
  return errors
}

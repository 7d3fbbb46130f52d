import {
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Subdomain,
  required,
  semanticEqual,
  type VolumeAttachment,
} from '@miniplane/api'
import { volumeAttachmentTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, value } from '../validation/go-struct.js'
import { validateInlineVolume } from '../validation/persistent-volume-spec.js'
import { validateDriverName } from '../validation/volume-sources.js'

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
const SPEC = FieldPath.of('spec')
const specStruct = {
  Attacher: '',
  Source: value({ PersistentVolumeName: null, InlineVolumeSpec: null }),
  NodeName: '',
} as const

export const volumeAttachments = defineStrategy<VolumeAttachment>({
  validate({ spec }) {
    const errors: FieldError[] = []
    validateDriverName(spec.attacher, SPEC.child('attacher'), errors)
    const { persistentVolumeName: name, inlineVolumeSpec: inline } = spec.source ?? {}
    const source = SPEC.child('source')
    if (!inline && !name) {
      errors.push(required(source, ONE_SOURCE))
    } else if (inline && name) {
      errors.push(invalidValue(source, '', ONE_SOURCE))
    }
    if (name !== undefined) {
      const at = source.child('persistentVolumeName')
      if (name === '') errors.push(required(at, 'must specify non empty persistentVolumeName'))
    }
    if (inline) validateInlineVolume(inline, source.child('inlineVolumeSpec'), errors)
    const node = spec.nodeName ?? ''
    for (const fault of isDns1123Subdomain(node)) {
      errors.push(invalidValue(SPEC.child('nodeName'), node, fault))
    }
    return errors
  },
  validateUpdate(draft, stored) {
    if (semanticEqual(draft.spec, stored.spec)) return []
    return [invalidValue(SPEC, goForm(draft.spec, specStruct), 'field is immutable')]
  },
  returnsDeletedObject: true,
  table: volumeAttachmentTable,
  subresources: { status: statusSubresource<VolumeAttachment>() },
})

import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Subdomain,
  required,
  semanticEqual,
  tooLong,
  type VolumeAttachment,
} from '@miniplane/api'
import { volumeAttachmentTable } from '../columns/storage.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, value } from '../validation/go-struct.js'
import { INT32_MAX, inRange } from '../validation/numbers.js'
import { validateInlineVolume } from '../validation/persistent-volume-spec.js'
import { validateDriverName } from '../validation/volume-sources.js'

const ONE_SOURCE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
const METADATA_BYTES_MAX = 256 * 1024
const MESSAGE_BYTES_MAX = 1024
const SPEC = FieldPath.of('spec')
const specStruct = {
  Attacher: '',
  Source: value({ PersistentVolumeName: null, InlineVolumeSpec: null }),
  NodeName: '',
} as const

export const volumeAttachments = defineStrategy<VolumeAttachment>({
  validate: validateAttachment,
  validateUpdate(draft, stored) {
    const errors = [...validateAttachment(draft), ...validateStatus(draft)]
    if (semanticEqual(draft.spec, stored.spec)) return errors
    return [...errors, invalidValue(SPEC, goForm(draft.spec, specStruct), 'field is immutable')]
  },
  returnsDeletedObject: true,
  table: volumeAttachmentTable,
  subresources: {
    status: statusSubresource<VolumeAttachment>({ keep: KEEPS_METADATA, validate: validateStatus }),
  },
})

function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = []
  validateDriverName(spec.attacher, SPEC.child('attacher'), errors)
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = spec.source ?? {}
  const source = SPEC.child('source')
  if (!inline && name === undefined) {
    errors.push(required(source, ONE_SOURCE))
  } else if (inline && name !== undefined) {
    errors.push(forbiddenField(source, ONE_SOURCE))
  } else if (name === '') {
    const detail = 'must specify non empty persistentVolumeName'
    errors.push(required(source.child('persistentVolumeName'), detail))
  } else if (inline) validateInlineVolume(inline, source.child('inlineVolumeSpec'), errors)
  validateSubdomain(spec.nodeName ?? '', SPEC.child('nodeName'), errors)
  if (name !== undefined) validateSubdomain(name, source.child('persistentVolumeName'), errors)
  return errors
}

function validateSubdomain(value: string, path: FieldPath, errors: FieldError[]): void {
  for (const fault of isDns1123Subdomain(value)) errors.push(invalidValue(path, value, fault))
}

function validateStatus({ status }: VolumeAttachment): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  let bytes = 0
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > METADATA_BYTES_MAX) {
    errors.push(tooLong(path.child('attachmentMetadata'), '', METADATA_BYTES_MAX))
  }
  for (const field of ['attachError', 'detachError'] as const) {
    const { message = '', errorCode = 0 } = status?.[field] ?? {}
    if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) {
      // The real server speaks of the larger limit.
      errors.push(tooLong(path.child(field, 'message'), '', METADATA_BYTES_MAX))
    }
    inRange(errorCode, 0, INT32_MAX, path.child(field, 'errorCode'), errors)
  }
  return errors
}

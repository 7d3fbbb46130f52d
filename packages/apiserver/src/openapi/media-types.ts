import { MEDIA_TYPES } from '../negotiation/accept.js'

export const OBJECT_TYPES: readonly string[] = [
  MEDIA_TYPES.json,
  MEDIA_TYPES.yaml,
  MEDIA_TYPES.protobuf,
]
export const STREAM_TYPES: readonly string[] = [
  ...OBJECT_TYPES,
  `${MEDIA_TYPES.json};stream=watch`,
  `${MEDIA_TYPES.protobuf};stream=watch`,
]
export const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
export const ANYTHING: readonly string[] = ['*/*']

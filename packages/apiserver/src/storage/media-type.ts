/** How objects are written to the store: as text that people can read, or smaller. */
export type StorageMediaType = 'application/json' | 'application/vnd.kubernetes.protobuf'

export const STORAGE_MEDIA_TYPES: readonly StorageMediaType[] = [
  'application/json',
  'application/vnd.kubernetes.protobuf',
]

import {
  labelSelectorFrom,
  type PersistentVolume,
  type PersistentVolumeClaim,
  parseQuantity,
} from '@miniplane/api'

/** Whether the volume is meant for this claim, or is this claim's. */
export function isReservedFor(
  { spec }: PersistentVolume,
  { metadata }: PersistentVolumeClaim,
): boolean {
  const reference = spec.claimRef
  return (
    reference?.name === metadata.name &&
    reference?.namespace === metadata.namespace &&
    (!reference?.uid || reference.uid === metadata.uid)
  )
}

/** The smallest free volume that gives what the claim asks for; one reserved for it comes first. */
export function bestVolume<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: readonly T[],
): T | undefined {
  const reserved = volumes.find((volume) => isReservedFor(volume, claim))
  if (reserved) return satisfies(reserved, claim) ? reserved : undefined
  const fitting = volumes.filter(
    (volume) =>
      volume.spec.claimRef === undefined &&
      volume.metadata.deletionTimestamp === undefined &&
      satisfies(volume, claim) &&
      selects(claim, volume),
  )
  return fitting.sort((a, b) => sizeOf(a).compare(sizeOf(b)))[0]
}

const sizeOf = ({ spec }: PersistentVolume) => parseQuantity(spec.capacity?.storage ?? '0')

function satisfies(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  const modes = volume.spec.accessModes ?? []
  return (
    (spec.accessModes ?? []).every((mode) => modes.includes(mode)) &&
    (volume.spec.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem') &&
    (volume.spec.storageClassName ?? '') === (spec.storageClassName ?? '') &&
    sizeOf(volume).compare(parseQuantity(spec.resources?.requests?.storage ?? '0')) >= 0
  )
}

const selects = ({ spec }: PersistentVolumeClaim, { metadata }: PersistentVolume): boolean =>
  spec.selector === undefined || labelSelectorFrom(spec.selector).matches(metadata.labels)

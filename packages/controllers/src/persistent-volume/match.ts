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
  const reserved = volumes.some((volume) => isReservedFor(volume, claim))
  if (reserved) return reservedVolume(claim, volumes)
  const fitting = volumes.filter(
    (volume) =>
      volume.spec.claimRef === undefined &&
      // Whoever made it so is about to write to the others: two would get in each other's way.
      volume.status.phase === 'Available' &&
      volume.metadata.deletionTimestamp === undefined &&
      mismatch(volume, claim) === undefined &&
      selects(claim, volume),
  )
  return fitting.sort((a, b) => sizeOf(a).compare(sizeOf(b)))[0]
}

/** The volume that somebody has set aside for the claim, if it gives what the claim asks for. */
export function reservedVolume<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: readonly T[],
): T | undefined {
  return volumes.find(
    (volume) => isReservedFor(volume, claim) && mismatch(volume, claim) === undefined,
  )
}

const sizeOf = ({ spec }: PersistentVolume) => parseQuantity(spec.capacity?.storage ?? '0')

/** Why the volume does not give what the claim asks for. */
export function mismatch(
  volume: PersistentVolume,
  { spec }: PersistentVolumeClaim,
): string | undefined {
  const wanted = parseQuantity(spec.resources?.requests?.storage ?? '0')
  if (sizeOf(volume).compare(wanted) < 0) return 'requested PV is too small'
  if ((volume.spec.storageClassName ?? '') !== (spec.storageClassName ?? ''))
    return 'storageClassName does not match'
  if ((volume.spec.volumeMode ?? 'Filesystem') !== (spec.volumeMode ?? 'Filesystem'))
    return 'incompatible volumeMode'
  const modes = volume.spec.accessModes ?? []
  if (!(spec.accessModes ?? []).every((mode) => modes.includes(mode)))
    return 'incompatible accessMode'
  return undefined
}

const selects = ({ spec }: PersistentVolumeClaim, { metadata }: PersistentVolume): boolean =>
  spec.selector === undefined || labelSelectorFrom(spec.selector).matches(metadata.labels)

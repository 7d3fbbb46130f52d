import {
  type Clock,
  formatTime,
  type KubeObject,
  nameSuffix,
  type ObjectMeta,
  type Random,
  uuid,
} from '@miniplane/api'

const NAME_LENGTH_MAX = 63
const SUFFIX_LENGTH = 5

/** What only the server may say about a new object. */
export function fillSystemMetadata(draft: KubeObject, clock: Clock, random: Random): void {
  draft.metadata.creationTimestamp = formatTime(clock.now())
  draft.metadata.uid = uuid(random)
}

/** Forgets what a client said of a new object and may not say. */
export function wipeSystemMetadata({ metadata }: KubeObject): void {
  delete metadata.selfLink
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
}

/** `prefix` and five random characters, cut so that the result is a label. */
export function generateName(prefix: string, random: Random): string {
  return `${prefix.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH)}${nameSuffix(random, SUFFIX_LENGTH)}`
}

/** Carries over what an update may not change, however the client spelled it. */
export function keepSystemMetadata(draft: ObjectMeta, stored: ObjectMeta): void {
  if (!draft.uid && stored.uid !== undefined) draft.uid = stored.uid
  if (stored.creationTimestamp) draft.creationTimestamp = stored.creationTimestamp
  if (stored.deletionTimestamp) draft.deletionTimestamp = stored.deletionTimestamp
  if (
    stored.deletionGracePeriodSeconds !== undefined &&
    draft.deletionGracePeriodSeconds === undefined
  )
    draft.deletionGracePeriodSeconds = stored.deletionGracePeriodSeconds
}

/** Sets `generation`, or removes it when there is none. */
export function setGeneration(metadata: ObjectMeta, generation: number | undefined): void {
  if (generation === undefined || generation === 0) delete metadata.generation
  else metadata.generation = generation
}

import type { ObjectReference, Pod } from '@miniplane/api'
import { referenceOf } from '@miniplane/client'

const POD = { group: '', version: 'v1', kind: 'Pod' }

/** For events: objects out of a list carry no kind of their own. */
export const podReference = (pod: Pod): ObjectReference => referenceOf(pod, POD)

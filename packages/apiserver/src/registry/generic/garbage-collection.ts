import type { ObjectMeta } from '@miniplane/api'
import type { Strategy } from '../strategy.js'
import type { DeleteOptions } from './delete-options.js'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/**
 * The finalizers with which the garbage collector is asked to do what the client wants with the
 * dependents; undefined when those that are there say it already.
 */
export function finalizersFor(
  strategy: Strategy,
  metadata: ObjectMeta,
  options: DeleteOptions,
): string[] | undefined {
  const present = metadata.finalizers ?? []
  const wanted = present.filter((one) => one !== ORPHAN && one !== FOREGROUND)
  if (strategy.defaultPropagation !== 'Unsupported') {
    if (orphans(strategy, present, options)) wanted.push(ORPHAN)
    if (isForeground(present, options)) wanted.push(FOREGROUND)
  }
  const isSame = wanted.length === present.length && wanted.every((one) => present.includes(one))
  return isSame ? undefined : wanted
}

function orphans(
  strategy: Strategy,
  present: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): boolean {
  if (orphanDependents !== undefined) return orphanDependents
  if (propagationPolicy !== undefined) return propagationPolicy === 'Orphan'
  if (present.includes(ORPHAN)) return true
  if (present.includes(FOREGROUND)) return false
  return strategy.defaultPropagation === 'Orphan'
}

function isForeground(
  present: readonly string[],
  { orphanDependents, propagationPolicy }: DeleteOptions,
): boolean {
  if (orphanDependents !== undefined) return false
  if (propagationPolicy !== undefined) return propagationPolicy === 'Foreground'
  return present.includes(FOREGROUND) && !present.includes(ORPHAN)
}

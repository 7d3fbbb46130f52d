import { isJoint, sorted } from './quorum.js'
import type { ConfChange, ConfChangeSingle, ConfState, NodeId } from './types.js'

/**
 * The arithmetic of membership (thesis, 4): configuration and change in, configuration out. Two
 * majorities must never exist that don't overlap, so more than one voter at a time changes only
 * through a joint configuration, in which both majorities decide.
 */

export const NO_MEMBERS: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

/** Undefined when the change is not allowed from here; every member comes to the same answer. */
export function changed(conf: ConfState, change: ConfChange): ConfState | undefined {
  const { transition, changes } = change
  if (transition === 'auto' && changes.length === 0) return left(conf)
  if (isJoint(conf)) return undefined
  if (transition !== 'auto' || changes.length > 1)
    return entered(conf, changes, transition !== 'jointExplicit')
  const simple = withChanges(conf, changes)
  return simple.voters.length === 0 && conf.voters.length > 0 ? undefined : simple
}

function entered(
  conf: ConfState,
  changes: readonly ConfChangeSingle[],
  autoLeave: boolean,
): ConfState | undefined {
  if (conf.voters.length === 0) return undefined
  const joint = withChanges({ ...conf, votersOutgoing: conf.voters }, changes)
  return joint.voters.length === 0 ? undefined : { ...joint, autoLeave }
}

function left(conf: ConfState): ConfState | undefined {
  if (!isJoint(conf)) return undefined
  return {
    voters: conf.voters,
    learners: sorted([...conf.learners, ...conf.learnersNext]),
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  }
}

function withChanges(conf: ConfState, changes: readonly ConfChangeSingle[]): ConfState {
  const voters = new Set(conf.voters)
  const learners = new Set(conf.learners)
  const learnersNext = new Set(conf.learnersNext)
  const outgoing = new Set(conf.votersOutgoing)
  const forget = (id: NodeId) => {
    for (const role of [voters, learners, learnersNext]) role.delete(id)
  }
  for (const { type, nodeId } of changes) {
    if (nodeId === 0n || type === 'ConfChangeUpdateNode') continue
    forget(nodeId)
    if (type === 'ConfChangeAddNode') voters.add(nodeId)
    // Who still votes in the outgoing configuration becomes a learner when that one is left.
    if (type === 'ConfChangeAddLearnerNode')
      (outgoing.has(nodeId) ? learnersNext : learners).add(nodeId)
  }
  return {
    voters: sorted(voters),
    learners: sorted(learners),
    votersOutgoing: conf.votersOutgoing,
    learnersNext: sorted(learnersNext),
    autoLeave: conf.autoLeave,
  }
}

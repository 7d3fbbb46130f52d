import {
  findCondition,
  isStatusError,
  type KubeObject,
  type LabelMatcher,
  type Pod,
} from '@miniplane/api'
import { type Cache, resources } from '@miniplane/client'
import {
  type ControllerContext,
  giveUp,
  type Outcome,
  type Reconcile,
  requeueAfter,
  type Work,
} from '../manager/controller.js'
import { claimDependents } from '../ownership/claim.js'
import { annotations, count } from './annotations.js'
import { newCondition, reasons } from './conditions.js'
import { expiredSets } from './history.js'
import { syncNewSet } from './new-set.js'
import {
  countStatus,
  hasProgressDeadline,
  isComplete,
  recheckInMs,
  rolloutStatus,
} from './progress.js'
import { planScaling } from './proportional.js'
import { recreate } from './recreate.js'
import { splitByTemplate } from './revisions.js'
import { rollBack, rollbackTarget } from './rollback.js'
import { planNew, planOld, type Scaling } from './rolling.js'
import { type DeploymentObject, type ReplicaSetObject, Session } from './session.js'
import { sizeOf, wantedReplicas } from './sizes.js'

export interface DeploymentCaches {
  readonly deployments: Cache<DeploymentObject>
  readonly replicaSets: Cache<ReplicaSetObject>
  readonly pods: Cache<Pod & KubeObject>
  readonly selector: (deployment: DeploymentObject) => LabelMatcher
}

export function deploymentReconcile(
  caches: DeploymentCaches,
  { clock }: Pick<ControllerContext, 'clock'>,
): Reconcile {
  return async (key, work) => {
    const deployment = caches.deployments.get(key)
    // Deleted: the garbage collector takes its ReplicaSets.
    if (deployment === undefined) return undefined
    if (caches.selector(deployment).isEverything) return refuseEverything(deployment, work)
    const replicaSets = await claimDependents<ReplicaSetObject>({
      owner: deployment,
      ownerRef: resources.deployments,
      selector: caches.selector(deployment),
      cache: caches.replicaSets,
      dependentRef: resources.replicaSets,
      client: work.client,
    })
    const sets = splitByTemplate(deployment.spec.template, replicaSets)
    return step(new Session(work, caches.pods, clock.now(), deployment, sets))
  }
}

/** What to do depends on what the user wants first; each way ends with a status. */
async function step(session: Session): Promise<Outcome | undefined> {
  const { deployment } = session
  if (deployment.metadata.deletionTimestamp !== undefined) return reportCounts(session)
  await syncPausedCondition(session)
  if (deployment.spec.paused) return scaleOnly(session)
  const target = rollbackTarget(deployment)
  if (target !== undefined) {
    await syncNewSet(session, true)
    await rollBack(session, target)
    return undefined
  }
  if (isScalingEvent(session)) return scaleOnly(session)
  await rollOut(session)
  return reportRollout(session)
}

async function rollOut(session: Session): Promise<void> {
  if (session.deployment.spec.strategy.type === 'Recreate') await recreate(session)
  else if (await roll(session)) return
  if (isComplete(session.deployment, session.deployment.status)) await cleanUp(session)
}

/** One step up or one down, never both: the next follows when this one shows. True: one was made. */
async function roll(session: Session): Promise<boolean> {
  await syncNewSet(session, true)
  const { deployment, newSet, old } = session
  if (newSet === undefined) return false
  const up = planNew(deployment, session.all, newSet)
  if (up) await session.scale(up.replicaSet, up.to)
  else await scaleAll(session, planOld(deployment, newSet, old))
  return up !== undefined
}

async function scaleAll(session: Session, scalings: readonly Scaling[]): Promise<void> {
  for (const { replicaSet, to } of scalings) await session.scale(replicaSet, to)
}

/** The size was changed: nothing is rolled in the same step, so that proportions stay right. */
function isScalingEvent({ deployment, all }: Session): boolean {
  return all.some((set) => {
    const desired = count(set.metadata.annotations?.[annotations.desiredReplicas])
    return sizeOf(set) > 0 && desired !== undefined && desired !== wantedReplicas(deployment)
  })
}

async function scaleOnly(session: Session): Promise<Outcome | undefined> {
  await syncNewSet(session, false)
  await scaleAll(session, planScaling(session.deployment, session.newSet, session.old))
  if (session.deployment.spec.paused) await cleanUp(session)
  return reportCounts(session)
}

async function cleanUp(session: Session): Promise<void> {
  for (const { metadata } of expiredSets(session.deployment, session.old)) {
    const { name = '', namespace = '' } = metadata
    try {
      await session.replicaSets.delete(name, { namespace })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }
}

async function reportCounts(session: Session): Promise<Outcome | undefined> {
  await session.writeStatus(countStatus(session, session.nowMs))
  return undefined
}

async function reportRollout(session: Session): Promise<Outcome | undefined> {
  await session.writeStatus(rolloutStatus(session, session.nowMs))
  const { deployment, nowMs } = session
  const delayMs = recheckInMs(deployment, deployment.status, nowMs)
  return delayMs === undefined ? undefined : requeueAfter(delayMs)
}

/** A pause stops the deadline's clock, unless the rollout has failed already. */
async function syncPausedCondition(session: Session): Promise<void> {
  const { deployment, nowMs } = session
  if (!hasProgressDeadline(deployment)) return
  const reason = findCondition(deployment.status.conditions, 'Progressing')?.reason
  if (reason === reasons.timedOut) return
  const wasPaused = reason === reasons.paused
  const isPaused = deployment.spec.paused ?? false
  if (isPaused === wasPaused) return
  const [now, text] = isPaused
    ? ([reasons.paused, 'Deployment is paused'] as const)
    : ([reasons.resumed, 'Deployment is resumed'] as const)
  await session.writeCondition(newCondition('Progressing', 'Unknown', now, text, nowMs))
}

async function refuseEverything(deployment: DeploymentObject, work: Work): Promise<Outcome> {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  work.event(deployment, resources.deployments, {
    type: 'Warning',
    reason: 'SelectingAll',
    message,
  })
  const { generation = 0 } = deployment.metadata
  if ((deployment.status.observedGeneration ?? 0) < generation) {
    const status = { ...deployment.status, observedGeneration: generation }
    await work.client.of(resources.deployments).updateStatus({ ...deployment, status })
  }
  return giveUp('the selector is empty')
}

import {
  isPodReady,
  isStatusError,
  type KubeObject,
  type LabelMatcher,
  type Pod,
  podReadySinceMs,
  type StatefulSet,
  semanticEqual,
} from '@miniplane/api'
import { type Cache, type EventDetails, resources } from '@miniplane/client'
import { type Outcome, type Reconcile, requeueAfter, type Work } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { updateStatus } from '../manager/update-status.js'
import { claimDependents } from '../ownership/claim.js'
import {
  type RevisionStore,
  revisionsOf,
  syncRevision,
  templateOf,
  truncateHistory,
} from '../revision-history/revisions.js'
import { awaitsOldClaim, type ClaimObject, newClaims, syncClaimOwners } from './claims.js'
import { newPod, ordinalOf, podName, revisionNameOf, type StatefulSetObject } from './identity.js'
import { newRevision } from './new-revision.js'
import { type Action, planStep, type Revisions } from './plan.js'
import { type SyncedRevisions, statusOf } from './status.js'

type PodObject = Pod & KubeObject

interface Parts {
  readonly sets: Cache<StatefulSetObject>
  readonly pods: Cache<PodObject>
  readonly claims: Cache<ClaimObject>
  readonly revisions: RevisionStore
  readonly selector: (set: StatefulSetObject) => LabelMatcher
  readonly clock: { now(): number }
}

const DEFAULT_HISTORY = 10

export function statefulSetReconcile(parts: Parts): Reconcile {
  return async (key, work) => {
    const set = parts.sets.get(key)
    if (set === undefined) return undefined
    const pods = await claimDependents<PodObject>({
      owner: set,
      ownerRef: resources.statefulSets,
      selector: parts.selector(set),
      cache: parts.pods,
      dependentRef: resources.pods,
      client: work.client,
      concerns: (pod) => ordinalOf(set, pod) !== undefined,
    })
    const revisions = await syncRevisions(set, parts, work)
    const nowMs = parts.clock.now()
    try {
      if (set.metadata.deletionTimestamp === undefined) {
        await syncClaimOwners(set, pods, parts.claims, work)
        await carryOut(set, planStep(set, pods, revisions, nowMs), parts, work)
      }
    } finally {
      await writeStatus(set, pods, revisions, nowMs, work)
    }
    await truncate(set, pods, revisions, parts, work)
    return recheck(set, pods, nowMs)
  }
}

async function syncRevisions(
  set: StatefulSetObject,
  { revisions }: Parts,
  work: Work,
): Promise<SyncedRevisions> {
  let { collisionCount = 0 } = set.status
  const update = await syncRevision(revisions, set, work.client, async (draft) => {
    const made = await newRevision(revisions, set, draft, work.client)
    collisionCount = made.collisionCount
    return made.revision
  })
  const name = update.metadata.name ?? ''
  const { currentRevision } = set.status
  const isKnown = revisionsOf(revisions, set).some((each) => each.metadata.name === currentRevision)
  const current = isKnown && currentRevision ? currentRevision : name
  return { current, update: name, collisionCount }
}

async function carryOut(
  set: StatefulSetObject,
  actions: readonly Action[],
  parts: Parts,
  work: Work,
): Promise<void> {
  const results = await Promise.allSettled(
    actions.map((action) =>
      action.do === 'create' ? create(set, action, parts, work) : remove(set, action.pod, work),
    ),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function create(
  set: StatefulSetObject,
  { ordinal, revision }: { ordinal: number; revision: string },
  { revisions, claims }: Parts,
  work: Work,
): Promise<void> {
  if (awaitsOldClaim(set, ordinal, claims)) return
  const known = revisionsOf(revisions, set).find((each) => each.metadata.name === revision)
  // A revision made just now is not in the cache yet; its template is the set's own.
  const template = known ? templateOf(known) : set.spec.template
  const name = podName(set, ordinal)
  try {
    for (const claim of newClaims(set, ordinal)) await ensureClaim(set, name, claim, work)
    await work.client.of(resources.pods).create(newPod(set, template, revision, ordinal))
    report(
      set,
      work,
      'Normal',
      'SuccessfulCreate',
      `Create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    )
  } catch (error) {
    // The cache does not show it yet.
    if (isStatusError(error, 'AlreadyExists')) return
    if (isNamespaceTerminating(error)) throw error
    const text = `Create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${textOf(error)}`
    report(set, work, 'Warning', 'FailedCreate', text)
    throw error
  }
}

async function ensureClaim(
  set: StatefulSetObject,
  pod: string,
  claim: ClaimObject,
  work: Work,
): Promise<void> {
  try {
    await work.client.of(resources.persistentVolumeClaims).create(claim)
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return
    throw error
  }
  const text = `Create Claim ${claim.metadata.name} Pod ${pod} in StatefulSet ${set.metadata.name} success`
  report(set, work, 'Normal', 'SuccessfulCreate', text)
}

async function remove(set: StatefulSetObject, pod: Pod, work: Work): Promise<void> {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  try {
    await work.client.of(resources.pods).delete(name, { namespace, preconditions: { uid } })
    report(
      set,
      work,
      'Normal',
      'SuccessfulDelete',
      `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    )
  } catch (error) {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    const text = `Delete Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${textOf(error)}`
    report(set, work, 'Warning', 'FailedDelete', text)
    throw error
  }
}

function report(
  set: StatefulSetObject,
  work: Work,
  type: EventDetails['type'],
  reason: string,
  message: string,
): void {
  work.event(set, resources.statefulSets, { type, reason, message })
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function writeStatus(
  set: StatefulSetObject,
  pods: readonly Pod[],
  revisions: SyncedRevisions,
  nowMs: number,
  work: Work,
): Promise<void> {
  const status = statusOf(set, pods, revisions, nowMs)
  if (semanticEqual(set.status, status)) return
  const client = work.client.of(resources.statefulSets)
  await updateStatus(client, set, (latest) => ({ ...latest, status }))
}

async function truncate(
  set: StatefulSetObject,
  pods: readonly Pod[],
  { current, update }: Revisions,
  { revisions }: Parts,
  work: Work,
): Promise<void> {
  const live = new Set([current, update, ...pods.map(revisionNameOf)])
  await truncateHistory(
    revisions,
    set,
    ({ metadata }) => live.has(metadata.name ?? ''),
    set.spec.revisionHistoryLimit ?? DEFAULT_HISTORY,
    work.client,
  )
}

/** When the next ready Pod will have been ready long enough. */
function recheck({ spec }: StatefulSet, pods: readonly Pod[], nowMs: number): Outcome | undefined {
  const minReadyMs = (spec.minReadySeconds ?? 0) * 1000
  if (minReadyMs === 0) return undefined
  const waits = pods
    .filter(isPodReady)
    .map((pod) => (podReadySinceMs(pod) ?? nowMs) + minReadyMs - nowMs)
    .filter((waitMs) => waitMs > 0)
  return waits.length === 0 ? undefined : requeueAfter(Math.min(...waits))
}

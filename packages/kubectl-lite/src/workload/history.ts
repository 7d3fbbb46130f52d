import {
  type ControllerRevision,
  controllerOf,
  type KubeList,
  type KubeObject,
  type LabelSelector,
  type PodTemplateSpec,
  type ReplicaSet,
} from '@miniplane/api'
import type { Info } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'
import { REVISION_ANNOTATION } from './rollout-status.js'
import { selectorText } from './selector-text.js'

export const CHANGE_CAUSE = 'kubernetes.io/change-cause'

/** One revision of a workload. */
export interface Revision {
  readonly number: number
  readonly changeCause: string
  readonly template: PodTemplateSpec | undefined
  /** What holds it: a ReplicaSet, or a ControllerRevision. */
  readonly holder: KubeObject
}

/** All revisions that are kept, oldest first. */
export function revisionsOf(session: Session, info: Info): Promise<Revision[]> {
  return info.object.kind === 'Deployment'
    ? replicaSetRevisions(session, info)
    : controllerRevisions(session, info)
}

const APPS = { group: 'apps', version: 'v1', namespaced: true }

async function owned(session: Session, info: Info, resource: string): Promise<KubeObject[]> {
  const { selector } = info.object.spec as { selector?: LabelSelector }
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath({ ...APPS, resource }, info.namespace),
    query: { labelSelector: selectorText(selector) },
  })) as unknown as KubeList
  return list.items.filter((item) => controllerOf(item)?.uid === info.object.metadata.uid)
}

const byNumber = (a: Revision, b: Revision): number => a.number - b.number

async function replicaSetRevisions(session: Session, info: Info): Promise<Revision[]> {
  const replicaSets = await owned(session, info, 'replicasets')
  return replicaSets
    .map((holder) => ({
      number: Number(holder.metadata.annotations?.[REVISION_ANNOTATION] ?? 0),
      changeCause: holder.metadata.annotations?.[CHANGE_CAUSE] ?? '',
      template: (holder as unknown as ReplicaSet).spec?.template,
      holder,
    }))
    .filter(({ number }) => number > 0)
    .sort(byNumber)
}

async function controllerRevisions(session: Session, info: Info): Promise<Revision[]> {
  const revisions = await owned(session, info, 'controllerrevisions')
  return revisions
    .map((holder) => {
      const { revision = 0, data } = holder as unknown as ControllerRevision
      const { spec } = (data ?? {}) as { spec?: { template?: PodTemplateSpec } }
      return {
        number: revision,
        changeCause: holder.metadata.annotations?.[CHANGE_CAUSE] ?? '',
        template: spec?.template,
        holder,
      }
    })
    .sort(byNumber)
}

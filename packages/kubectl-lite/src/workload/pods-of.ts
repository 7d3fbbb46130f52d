import type { KubeList, KubeObject, LabelSelector, Pod } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'
import { selectorText } from './selector-text.js'

const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }

/** The Pods that an object stands for: itself, or those that it selects. */
export async function podsOf(session: Session, object: KubeObject): Promise<Pod[]> {
  if (object.kind === 'Pod') return [object as unknown as Pod]
  const { selector } = (object.spec ?? {}) as { selector?: LabelSelector & Record<string, string> }
  if (!selector) {
    throw new CommandError(
      `cannot get the logs from ${object.apiVersion}, Kind=${object.kind}: selector not found`,
    )
  }
  const isMap = object.kind === 'Service' || object.kind === 'ReplicationController'
  const labels: LabelSelector = isMap ? { matchLabels: selector } : selector
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(PODS, object.metadata.namespace),
    query: { labelSelector: selectorText(labels) },
  })) as unknown as KubeList
  return list.items as unknown as Pod[]
}

import { followCache } from '../authz/follow-cache.js'
import type { Resources } from '../registry/resources.js'
import type { FlowClassifier } from './flow-classifier.js'

const GROUP = 'flowcontrol.apiserver.k8s.io'

/** Keeps `flows` up to date with what is stored. Returns the function that stops. */
export async function followFlows(
  resources: Resources,
  flows: FlowClassifier,
): Promise<() => void> {
  const levels = await resources.readyNamed(GROUP, 'prioritylevelconfigurations')
  const schemas = await resources.readyNamed(GROUP, 'flowschemas')
  const stops = [
    levels && followCache(levels.storage.cache, flows.levels),
    schemas && followCache(schemas.storage.cache, flows.schemas),
  ]
  return () => {
    for (const stop of stops) stop?.()
  }
}

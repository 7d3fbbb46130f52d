import type { PodTemplateSpec } from '@miniplane/api'
import { Fnv32 } from './fnv.js'
import { sortedJson } from './sorted-json.js'

/** What a ControllerRevision keeps of a template, as text: a patch that puts all of it back. */
export const revisionData = (template: PodTemplateSpec): string =>
  sortedJson({ spec: { template: { ...template, $patch: 'replace' } } })

/** The hash in the name of a StatefulSet's revision. `collisionCount` gives the same data another. */
export function revisionHash(data: string, collisionCount: number | undefined): string {
  const hash = new Fnv32('1').writeText(data)
  if (collisionCount !== undefined) hash.writeText(String(collisionCount))
  return hash.toName()
}

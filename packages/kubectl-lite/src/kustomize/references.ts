import { isObject } from '../resolve/documents.js'
import { changeFields } from './field-path.js'
import { REFERENCES } from './field-specs.js'
import { type BuildResource, effective, isSelected } from './resource.js'

/** What resources call each other by follows the names they have got since. */
export function fixReferences(resources: readonly BuildResource[]): void {
  for (const referrer of resources) {
    for (const { to, from } of REFERENCES) {
      changeFields(referrer, from, (value) => {
        const find = (name: string, namespace?: string) =>
          referent(resources, referrer, { ...to, name, namespace })
        if (typeof value === 'string') return find(value)?.id.name
        if (isObject(value)) return renamed(value, find)
        return undefined
      })
    }
  }
}

/** A reference that says its namespace too: a subject, or a webhook's service. */
function renamed(
  value: Record<string, unknown>,
  find: (name: string, namespace?: string) => BuildResource | undefined,
): unknown {
  if (typeof value.name !== 'string') return undefined
  const namespace = typeof value.namespace === 'string' ? value.namespace : undefined
  const found = find(value.name, namespace)
  if (!found) return undefined
  const place = found.id.namespace === '' ? {} : { namespace: found.id.namespace }
  return { ...value, name: found.id.name, ...place }
}

interface Wanted {
  readonly kind?: string
  readonly group?: string
  readonly version?: string
  readonly name: string
  readonly namespace?: string | undefined
}

function referent(
  resources: readonly BuildResource[],
  referrer: BuildResource,
  { name, namespace, ...gvk }: Wanted,
): BuildResource | undefined {
  const named = resources.filter(
    (one) =>
      isSelected(one.id, gvk) &&
      one.ids.some(
        (id) =>
          id.name === name &&
          (namespace === undefined || effective(id.namespace) === effective(namespace)),
      ),
  )
  const near = named.filter(
    (one) =>
      namespace !== undefined ||
      !one.namespaced ||
      !referrer.namespaced ||
      one.id.namespace === referrer.id.namespace,
  )
  if (near.length <= 1) return near[0]
  const together = near.filter((one) => one.affixes.join() === referrer.affixes.join())
  return together[0] ?? near[0]
}

import type { KubeObject } from './objects.js'

/** What marks a StorageClass as the default; the second name is the older one. */
export const DEFAULT_STORAGE_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const

/** Of the classes marked as default the newest; of those that are as new, the first by name. */
export function defaultClass(
  classes: Iterable<KubeObject>,
  marks: readonly string[],
): string | undefined {
  const marked = [...classes].filter(({ metadata }) =>
    marks.some((mark) => metadata.annotations?.[mark] === 'true'),
  )
  marked.sort((a, b) => {
    const [one, other] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
    if (one !== other) return one > other ? -1 : 1
    return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
  })
  return marked[0]?.metadata.name
}

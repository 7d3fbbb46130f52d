/** A strategic merge patch that can't be made or applied; the message is Kubernetes'. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
}

export const noMergeKey = (map: unknown, mergeKey: string) =>
  new PatchError(`map: ${goPrint(map)} does not contain declared merge key: ${mergeKey}`)

export const badPatchType = (type: unknown, map: unknown) =>
  new PatchError(`unknown patch type: ${goPrint(type)} in map: ${goPrint(map)}`)

export const badFormat = (of: 'primitive list' | 'retainKeys' | 'setElementOrder list') =>
  new PatchError(`invalid patch format of ${of}`)

/** A value as Go's %v prints decoded JSON. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([key, each]) => `${key}:${goPrint(each)}`).join(' ')}]`
}

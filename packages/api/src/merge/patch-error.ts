/** A strategic merge patch that can't be made or applied; the message is Kubernetes'. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  /** Whose mistake it is: of a patch that has not the form of one, or of who knows. */
  readonly isBadFormat: boolean

  constructor(message: string, isBadFormat = false) {
    super(message)
    this.isBadFormat = isBadFormat
  }
}

export const noMergeKey = (map: unknown, mergeKey: string) =>
  new PatchError(`map: ${goPrint(map)} does not contain declared merge key: ${mergeKey}`)

export const badPatchType = (type: unknown, map: unknown) =>
  new PatchError(`unknown patch type: ${asGoText(type)} in map: ${goPrint(map)}`)

export const badFormat = (of: 'primitive list' | 'retainKeys' | 'setElementOrder list') =>
  new PatchError(`invalid patch format of ${of}`, true)

export const notAList = (value: unknown) =>
  new PatchError(`expected a []interface {}, but received a ${goType(value)}`)

export const notAMap = (value: unknown) =>
  new PatchError(`expected a map[string]interface {}, but received a ${goType(value)}`)

export const wrongOrder = (patch: readonly unknown[], order: readonly unknown[]) =>
  new PatchError(
    `The order in patch list:\n${goPrint(patch)}\n doesn't match $setElementOrder list:\n${goPrint(order)}\n`,
  )

/** A value as Go's %v prints decoded JSON. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([key, each]) => `${key}:${goPrint(each)}`).join(' ')}]`
}

/** The Go type of decoded JSON. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'bigint':
      return 'int64'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    default:
      return 'map[string]interface {}'
  }
}

/** A value as Go's %s prints it, which is made for texts. */
function asGoText(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `%!s(${goType(value)}=${String(value)})`
  return value === null ? '%!s(<nil>)' : goPrint(value)
}

/**
 * Kubernetes checks objects in an internal form whose fields have Go names and no JSON tags. Where
 * a message prints a whole struct (`Invalid value: {"Type":"X","RollingUpdate":null}`), clients see
 * that form. A `GoStruct` lists a type's fields in the order of that form with their zero values.
 */
export type GoStruct = { readonly [field: string]: GoZero | GoNested }
type GoZero = '' | 0 | false | null

/** A part that is itself a struct: held in place, behind a pointer, or in a list. */
export interface GoNested {
  readonly struct: GoStruct
  readonly held: 'value' | 'pointer' | 'list'
}

export const value = (struct: GoStruct): GoNested => ({ struct, held: 'value' })
export const pointer = (struct: GoStruct): GoNested => ({ struct, held: 'pointer' })
export const list = (struct: GoStruct): GoNested => ({ struct, held: 'list' })

/** The internal form of a struct, ready for `JSON.stringify`. */
export function goForm(source: object | null | undefined, struct: GoStruct): unknown {
  const from = (source ?? {}) as Record<string, unknown>
  const form: Record<string, unknown> = {}
  for (const name in struct) {
    const kind = struct[name] as GoZero | GoNested
    const held = from[jsonNameOf(name)]
    if (kind === null || typeof kind !== 'object') form[name] = sortKeys(held ?? kind)
    else form[name] = nestedForm(held, kind)
  }
  return form
}

function nestedForm(held: unknown, { struct, held: how }: GoNested): unknown {
  if (how === 'list') {
    return Array.isArray(held) ? held.map((item) => goForm(item as object, struct)) : null
  }
  if (how === 'pointer' && (held === undefined || held === null)) return null
  return goForm(held as object, struct)
}

/** A map as Go prints it: by key, and an empty one as none. */
export function goMap(map: object | null | undefined): object | null {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? null : Object.fromEntries(entries)
}

function sortKeys(held: unknown): unknown {
  if (held === null || typeof held !== 'object' || Array.isArray(held)) return held
  return goMap(held)
}

/** `HTTPGet` → `httpGet`, `TTY` → `tty`, `SELinuxOptions` → `seLinuxOptions`. */
export const jsonNameOf = (goName: string): string =>
  goName.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+(?![a-z])|^[A-Z]/, (head) => head.toLowerCase())

/**
 * How a value of the document stands in a message. `json` is of any form, and kept as text;
 * `wrapped` is a string alone in a message, where the format would allow several; `scalar` a number,
 * a boolean or a string.
 */
export type Field =
  | {
      readonly at: number
      readonly type: 'string' | 'strings' | 'bool' | 'json' | 'jsons' | 'wrapped' | 'scalar'
    }
  | { readonly at: number; readonly type: 'message' | 'messages'; readonly of: () => Message }

export interface Message {
  readonly fields: Readonly<Record<string, Field>>
  /** Where what begins with `x-` goes. */
  readonly extensions?: number
  /** Where all the other names go, as pairs of a name and a message. */
  readonly others?: { readonly at: number; readonly of: () => Message }
  /** A message that only says which of several others follows. */
  readonly choose?: (value: Readonly<Record<string, unknown>>) => {
    readonly at: number
    readonly of: () => Message
  }
}

export const text = (at: number): Field => ({ at, type: 'string' })
export const texts = (at: number): Field => ({ at, type: 'strings' })
export const bool = (at: number): Field => ({ at, type: 'bool' })
export const json = (at: number): Field => ({ at, type: 'json' })
export const jsons = (at: number): Field => ({ at, type: 'jsons' })
export const wrapped = (at: number): Field => ({ at, type: 'wrapped' })
export const scalar = (at: number): Field => ({ at, type: 'scalar' })

/** References to the messages of one table, by their names there. */
export const referring = <Name extends string>(table: () => Readonly<Record<Name, Message>>) => ({
  one: (at: number, name: Name): Field => ({ at, type: 'message', of: () => table()[name] }),
  many: (at: number, name: Name): Field => ({ at, type: 'messages', of: () => table()[name] }),
  pairs: (at: number, name: Name): Message => ({
    fields: {},
    others: { at, of: () => table()[name] },
  }),
  /** The first when it is a reference, else the second. */
  either: (
    isFirst: (value: Readonly<Record<string, unknown>>) => boolean,
    first: readonly [at: number, name: Name],
    second: readonly [at: number, name: Name],
  ): Message => ({
    fields: {},
    choose: (value) => {
      const [at, name] = isFirst(value) ? first : second
      return { at, of: () => table()[name] }
    },
  }),
})

export const isReference = (value: Readonly<Record<string, unknown>>): boolean => '$ref' in value

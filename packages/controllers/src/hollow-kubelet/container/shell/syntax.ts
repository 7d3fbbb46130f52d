/** A script as it was understood. Source: POSIX.1-2017, Shell Command Language. */
export interface List {
  readonly items: readonly ListItem[]
}

export interface ListItem {
  readonly pipeline: Pipeline
  /** What stands behind it: whether the next one runs depends on it. */
  readonly next: ';' | '&&' | '||' | '&'
}

export interface Pipeline {
  readonly isNegated: boolean
  readonly commands: readonly Command[]
}

export type Command = { readonly redirects: readonly Redirect[] } & (
  | {
      readonly kind: 'simple'
      readonly assignments: readonly { readonly name: string; readonly value: Word }[]
      readonly words: readonly Word[]
    }
  | { readonly kind: 'group'; readonly body: List; readonly isSubshell: boolean }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly condition: List; readonly body: List }[]
      readonly otherwise: List | undefined
    }
  | {
      readonly kind: 'loop'
      readonly isUntil: boolean
      readonly condition: List
      readonly body: List
    }
  | {
      readonly kind: 'for'
      readonly name: string
      /** Absent: the positional parameters. */
      readonly words: readonly Word[] | undefined
      readonly body: List
    }
  | {
      readonly kind: 'case'
      readonly subject: Word
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: List }[]
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command }
)

export interface Redirect {
  readonly descriptor: number
  /** `&`: another descriptor, which the word names; `text`: what stands in the script itself. */
  readonly kind: '<' | '>' | '>>' | '&' | 'text'
  readonly word: Word
}

export type Word = readonly WordPart[]

export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | {
      readonly kind: 'variable'
      readonly name: string
      /** `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, or `length`. */
      readonly operator: string
      readonly operand: Word
      readonly isQuoted: boolean
    }
  | { readonly kind: 'command'; readonly script: List; readonly isQuoted: boolean }
  | { readonly kind: 'arithmetic'; readonly expression: Word; readonly isQuoted: boolean }

/** The script can't be understood; more of it might help when `isIncomplete`. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError'
  readonly isIncomplete: boolean

  constructor(problem: string, isIncomplete = false) {
    super(`syntax error: ${problem}`)
    this.isIncomplete = isIncomplete
  }
}

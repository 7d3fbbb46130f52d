/** A place in the text, both counted from zero. */
export interface Mark {
  readonly line: number
  readonly column: number
}

/** Text that is no YAML. The message is what Go's library says: `yaml: line 4: …`. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  /** One-based, where the mistake was noticed; the message sometimes counts otherwise. */
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(message: string, mark?: Mark) {
    super(message)
    this.line = mark && mark.line + 1
    this.column = mark && mark.column + 1
  }
}

/**
 * A mistake found while cutting the text into tokens. Go's library names the line; on the first
 * line it falls back to where the construct began, and names none if that is the first line too.
 */
export function scanError(problem: string, mark: Mark, context?: Mark): YamlError {
  return new YamlError(`yaml: ${where(mark.line && mark.line + 1, context)}${problem}`, mark)
}

/** A token that does not fit. Here Go's library counts lines from zero, and so its users know it. */
export function grammarError(problem: string, mark: Mark, context?: Mark): YamlError {
  return new YamlError(`yaml: ${where(mark.line, context)}${problem}`, mark)
}

function where(line: number, context: Mark | undefined): string {
  const shown = line || context?.line || 0
  return shown > 0 ? `line ${shown}: ` : ''
}

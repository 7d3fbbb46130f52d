/** What went wrong, in kubectl's words; printed after `error: ` unless it starts with it. */
export class CommandError extends Error {}

/** The words on the command line don't fit; `checkError` leaves the text as it is. */
export class UsageError extends CommandError {}

/** Ends the command with this code and prints nothing more. */
export class SilentExit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`)
  }
}

/** What a template could not do; kubectl shows the object on standard output before it fails. */
export class TemplateFailure extends CommandError {
  constructor(
    message: string,
    readonly output: string,
  ) {
    super(message)
  }
}

/** Several failures of one command; printed a line each, without a prefix of their own. */
export class ErrorList extends Error {
  constructor(readonly errors: readonly Error[]) {
    super(
      errors.length === 1
        ? (errors[0]?.message ?? '')
        : `[${[...new Set(errors.map((error) => error.message))].join(', ')}]`,
    )
  }
}

/** The server knows no such resource; printed without `error: `. */
export class NoResourceMatch extends Error {
  constructor(readonly resource: string) {
    super(`the server doesn't have a resource type "${resource}"`)
  }
}

/** The kubeconfig is not right; printed as such, without `error: `. */
export class ConfigurationError extends Error {
  constructor(reason: string) {
    super(`Error in configuration: ${reason}`)
  }
}

/** Throws what was collected: nothing, the one error, or all of them. */
export function throwCollected(errors: readonly Error[]): void {
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new ErrorList(errors)
}

export const asError = (value: unknown): Error =>
  value instanceof Error ? value : new Error(String(value))

/** What components need of a logger; a program's and a test's array both fit behind it. */
export interface Log {
  debug(message: string, details?: LogDetails): void
  info(message: string, details?: LogDetails): void
  warn(message: string, details?: LogDetails): void
  error(message: string, details?: LogDetails): void
}

/** `error` is what was caught: it is shown with its stack. */
export type LogDetails = Readonly<Record<string, unknown> & { readonly error?: unknown }>

/** Says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** Where a member tells what happens to it. Structured: the message is constant, what varies is a field. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** For whoever isn't listened to. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

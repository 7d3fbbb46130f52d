/** What the API server needs of a logger. */
export interface Log {
  info(message: string, details?: unknown): void
  warn(message: string, details?: unknown): void
  error(message: string, details?: unknown): void
}

export const silentLog: Log = { info() {}, warn() {}, error() {} }

import type { Clock, Random } from '@miniplane/api'
import type { ConnectionConfig, Transport } from '@miniplane/client'
import type { Output } from '../output.js'

/** What surrounds a run of kubectl-lite; a test hands in its own. */
export interface Environment {
  readonly out: Output
  readonly clock: Clock
  readonly random: Random
  readonly variables: Readonly<Record<string, string | undefined>>
  /** The current folder: what relative paths are relative to. */
  readonly folder: string
  readStdin(): Promise<Uint8Array>
  /** The same as it comes; absent: it is read whole. */
  readonly stdin?: () => AsyncIterable<Uint8Array>
  /** Whether a terminal hands on every key as it is pressed, and shows none. */
  setRawMode?(isRaw: boolean): void
  connect(config: ConnectionConfig): Transport
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal
}

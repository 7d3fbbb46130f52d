import { createHash } from 'node:crypto'
import { type DatabaseStream, writeDatabase } from '../bbolt/write-database.js'
import { eventLoopTurn, type YieldTurn } from '../clock.js'
import { bucketsOf } from './schema.js'
import type { StateView } from './state.js'

const SHA256_BYTES = 32

/**
 * The state as etcd's database file. Others run in between, and the view must stay as it is until
 * the last chunk is read.
 */
export const writeState = (
  view: StateView,
  yieldTurn: YieldTurn = eventLoopTurn,
): Promise<DatabaseStream> => writeDatabase(bucketsOf(view), { yieldTurn })

/** The same followed by its SHA-256: what `etcdctl snapshot save` gets, and members keep. */
export async function writeBackup(
  view: StateView,
  yieldTurn: YieldTurn = eventLoopTurn,
): Promise<DatabaseStream> {
  const { sizeBytes, chunks } = await writeState(view, yieldTurn)
  return { sizeBytes: sizeBytes + SHA256_BYTES, chunks: withHash(chunks) }
}

async function* withHash(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  yield hash.digest()
}

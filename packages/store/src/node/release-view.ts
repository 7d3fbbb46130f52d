import type { StateView } from '../backend/state.js'
import type { StateFile } from './state-snapshots.js'

/** The view is let go of once it is written, or can't be. */
export async function thenRelease(
  writing: Promise<StateFile>,
  view: StateView,
): Promise<StateFile> {
  try {
    const { sizeBytes, chunks } = await writing
    return { sizeBytes, chunks: releasing(chunks, view) }
  } catch (error) {
    view.mvcc.release()
    throw error
  }
}

async function* releasing(
  chunks: AsyncIterable<Uint8Array>,
  view: StateView,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks
  } finally {
    view.mvcc.release()
  }
}

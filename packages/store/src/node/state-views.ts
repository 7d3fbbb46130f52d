import { hashDatabase } from '../backend/hash.js'
import type { StateView } from '../backend/state.js'
import { writeBackup, writeState } from '../backend/write-state.js'
import type { YieldTurn } from '../clock.js'
import type { Applied } from './entry-applier.js'
import type { ReplicatedState } from './replicated-state.js'
import type { StateFile } from './state-snapshots.js'

/** Views of the state, each let go of by whatever is made of it: once it is written, or can't be. */
export class StateViews {
  readonly #state: ReplicatedState
  readonly #applied: () => Applied
  readonly #yieldTurn: YieldTurn

  constructor(state: ReplicatedState, applied: () => Applied, yieldTurn: YieldTurn) {
    this.#state = state
    this.#applied = applied
    this.#yieldTurn = yieldTurn
  }

  /** As of now; O(1). */
  take(): StateView {
    return this.#state.view(this.#applied())
  }

  write(view: StateView): Promise<StateFile> {
    return thenRelease(writeState(view, this.#yieldTurn), view)
  }

  writeBackup(view: StateView): Promise<StateFile> {
    return thenRelease(writeBackup(view, this.#yieldTurn), view)
  }

  hash(view: StateView): Promise<number> {
    return hashDatabase(view, this.#yieldTurn).finally(() => view.mvcc.release())
  }
}

async function thenRelease(writing: Promise<StateFile>, view: StateView): Promise<StateFile> {
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

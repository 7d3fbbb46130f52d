import type { Wal } from './types.js'

const DONE = Promise.resolve()

/** For a member without a data directory: nothing survives its process. */
export const memoryWal: Wal = {
  save: () => DONE,
  saveSnapshot: () => DONE,
  release: () => DONE,
  close: () => DONE,
}

/**
 * The disk as the store sees it: a folder tree in which writes are lost unless they were synced.
 * Handed in like the clock: a member runs on the machine's file system (node-disk.ts) or on a
 * simulated one whose faults come from a seed (simulated-disk.ts).
 *
 * Paths are relative to the disk's root, with '/'. Errors: a `DiskError` that names the path.
 */
export interface Disk {
  /** Creates the folder and those above it; does nothing when it is there. */
  makeFolder(path: string): Promise<void>
  /** Names in the folder, in order; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>
  open(path: string, options?: OpenOptions): Promise<DiskFile>
  /** Replaces `to` if it exists. Durable once `to`'s folder is synced. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes durable which names the folder has. */
  syncFolder(path: string): Promise<void>
  /** Held until released or until the process ends. Error `locked` when another process has it. */
  lock(path: string): Promise<DiskLock>
}

export interface OpenOptions {
  /** Create it: `new` fails if it exists. Default: it must exist. */
  readonly create?: 'new' | 'ifMissing' | undefined
  readonly readOnly?: boolean | undefined
}

export interface DiskFile {
  readonly path: string
  size(): Promise<number>
  /** Up to `length` bytes from `position`; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>
  /** All of `chunks`, one after the other, from `position` on. */
  write(position: number, chunks: readonly Uint8Array[]): Promise<void>
  /** What was written before this call is durable when it resolves. */
  sync(): Promise<void>
  /**
   * `write` and `sync` in one, which saves a way to the thread pool and back. On a file opened for
   * nothing else it is what a commit costs.
   */
  writeSync(position: number, chunks: readonly Uint8Array[]): Promise<void>
  truncate(size: number): Promise<void>
  /** Zero-filled blocks up to `size`, so that later writes within it change no metadata. */
  preallocate(size: number): Promise<void>
  close(): Promise<void>
}

export interface DiskLock {
  release(): Promise<void>
}

export type DiskErrorCode =
  | 'notFound'
  | 'exists'
  | 'full'
  | 'readOnly'
  | 'locked'
  | 'closed'
  | 'failed'

/** What went wrong, with which path: `cannot write wal/0.wal: no space left on the device`. */
export class DiskError extends Error {
  override readonly name = 'DiskError'
  readonly code: DiskErrorCode
  readonly path: string

  constructor(code: DiskErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.path = path
  }
}

import type { DiskError, DiskFile } from './disk.js'
import { diskError } from './disk-error.js'
import type { SimulatedInode } from './simulated-inode.js'

export type DiskOperation =
  | 'makeFolder'
  | 'list'
  | 'open'
  | 'rename'
  | 'remove'
  | 'syncFolder'
  | 'size'
  | 'read'
  | 'write'
  | 'sync'
  | 'writeSync'
  | 'truncate'
  | 'preallocate'
  | 'close'

/** What a simulated file needs of its disk. */
export interface Machine {
  /** `begin` happens at once, what it answers when the operation ends. */
  run<T>(operation: DiskOperation, path: string, begin: () => () => T): Promise<T>
  /** How large the file can become. */
  roomFor(inode: SimulatedInode): number
  syncs(): boolean
}

export class SimulatedFile implements DiskFile {
  readonly path: string
  readonly #machine: Machine
  readonly #inode: SimulatedInode
  readonly #isReadOnly: boolean
  #isClosed = false

  constructor(machine: Machine, path: string, inode: SimulatedInode, isReadOnly: boolean) {
    this.#machine = machine
    this.path = path
    this.#inode = inode
    this.#isReadOnly = isReadOnly
  }

  size(): Promise<number> {
    return this.#run('size', () => () => this.#inode.size)
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#run('read', () => () => this.#inode.read(position, length))
  }

  write(position: number, chunks: readonly Uint8Array[]): Promise<void> {
    return this.#run('write', () => this.#begin('write', position, chunks))
  }

  sync(): Promise<void> {
    return this.#runSync('sync', () => this.#beginSync())
  }

  writeSync(position: number, chunks: readonly Uint8Array[]): Promise<void> {
    return this.#runSync('writeSync', () => {
      const end = this.#begin('write', position, chunks)
      const endSync = this.#beginSync()
      return () => {
        end()
        endSync()
      }
    })
  }

  truncate(size: number): Promise<void> {
    return this.#run('truncate', () => {
      this.#checkWritable('truncate')
      this.#inode.truncate(size)
      return () => undefined
    })
  }

  preallocate(size: number): Promise<void> {
    return this.#run('preallocate', () => {
      const missing = Math.max(0, size - this.#inode.size)
      const end = this.#begin('preallocate', this.#inode.size, [new Uint8Array(missing)])
      const endSync = this.#beginSync()
      return () => {
        end()
        endSync()
      }
    })
  }

  close(): Promise<void> {
    return this.#machine.run('close', this.path, () => {
      this.#isClosed = true
      return () => undefined
    })
  }

  /** On a full disk the first part of what is written gets there. */
  #begin(action: string, position: number, chunks: readonly Uint8Array[]): () => void {
    this.#checkWritable(action)
    const bytes = Buffer.concat(chunks)
    const fits = Math.max(0, this.#machine.roomFor(this.#inode) - position)
    this.#inode.write(position, bytes.subarray(0, fits))
    return () => {
      if (fits < bytes.length) throw failed('ENOSPC', action, this.path)
    }
  }

  #beginSync(): () => void {
    const complete = this.#inode.beginSync()
    return () => {
      if (this.#machine.syncs()) complete()
    }
  }

  #checkWritable(action: string): void {
    if (this.#isReadOnly) throw failed('EBADF', action, this.path)
  }

  async #runSync(operation: DiskOperation, begin: () => () => void): Promise<void> {
    try {
      await this.#run(operation, begin)
    } catch (error) {
      this.#inode.isSyncBroken = true
      throw error
    }
  }

  #run<T>(operation: DiskOperation, begin: () => () => T): Promise<T> {
    return this.#machine.run(operation, this.path, () => {
      if (this.#isClosed) throw failed('EBADF', operation, this.path)
      return begin()
    })
  }
}

/** The error that the operating system's code stands for. */
export function failed(systemCode: string, action: string, path: string): DiskError {
  return diskError(Object.assign(new Error(systemCode), { code: systemCode }), action, path)
}

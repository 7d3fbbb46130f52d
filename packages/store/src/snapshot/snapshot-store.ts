import { createHash } from 'node:crypto'
import type { Disk, DiskFile } from '../disk/disk.js'
import { type Log, silentLog } from '../log.js'

/** Which state a file holds: that after the entry at `index`, which is of `term`. */
export interface SnapshotName {
  readonly index: number
  readonly term: number
}

export interface OpenedSnapshot extends SnapshotName {
  /** The database, without the checksum behind it. */
  readonly bytes: Uint8Array
}

export interface SnapshotStoreOptions {
  readonly log?: Log | undefined
}

/** SHA-256 of all that is before it, as in the files of `etcdctl snapshot save`. */
export const CHECKSUM_BYTES = 32

/** Read and hashed at once: a file may be larger than what one system call takes. */
const READ_BYTES = 16 * 1024 * 1024

/** Synced at once: a log beside it waits for the device no longer than these take. */
const SYNC_BYTES = 16 * 1024 * 1024

/** Snapshots kept for the case that the newest is damaged; etcd's `--max-snapshots`. */
const KEPT = 5

/**
 * The files that hold a member's state, `<term, 16 hex>-<index, 16 hex>.db`. A file that has such a
 * name is complete; whether it still is what was written, its checksum tells.
 */
export class SnapshotStore {
  readonly #disk: Disk
  readonly #folder: string
  readonly #log: Log
  #counter = 0

  /** The folder exists. */
  constructor(disk: Disk, folder: string, options: SnapshotStoreOptions = {}) {
    this.#disk = disk
    this.#folder = folder
    this.#log = options.log ?? silentLog
  }

  /**
   * Writes the chunks, one after the other, and their checksum; durable when it resolves. A save
   * that fails leaves nothing behind. One of the same name is replaced.
   */
  async save(
    name: SnapshotName,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const temporary = this.#path(`${fileName(name)}.${this.#counter++}.tmp`)
    const file = await this.#disk.open(temporary, { create: 'new' })
    try {
      await writeWithChecksum(file, chunks)
      await file.close()
      await this.#disk.rename(temporary, this.#path(fileName(name)))
    } catch (error) {
      await this.#discard(file, temporary)
      throw error
    }
    await this.#disk.syncFolder(this.#folder)
  }

  /** Newest first. */
  async list(): Promise<readonly SnapshotName[]> {
    const names = await this.#disk.list(this.#folder)
    return names
      .flatMap((name) => parseFileName(name) ?? [])
      .sort((a, b) => b.index - a.index || b.term - a.term)
  }

  /**
   * The newest snapshot that `isAcceptable` and whose checksum is right. Damaged ones on the way
   * are set aside as `.broken` and logged; leftovers of unfinished saves are removed, so nothing may
   * be saved meanwhile. The file is read into memory whole: it may have 4 GiB, the most that Node's
   * buffers hold.
   */
  async openNewest(
    isAcceptable: (name: SnapshotName) => boolean = () => true,
  ): Promise<OpenedSnapshot | undefined> {
    await this.#removeTemporaries()
    for (const name of await this.list()) {
      if (!isAcceptable(name)) continue
      const bytes = await this.#read(name)
      if (bytes !== undefined) return { ...name, bytes }
      await this.#setAside(fileName(name))
    }
    return undefined
  }

  /** The one of this name; undefined when it is damaged or not there. Leaves all others alone. */
  async open(name: SnapshotName): Promise<OpenedSnapshot | undefined> {
    const names = await this.list()
    if (!names.some(({ index, term }) => index === name.index && term === name.term)) return
    const bytes = await this.#read(name)
    return bytes && { ...name, bytes }
  }

  /** Removes all but the newest `kept` of those up to an index. Default: of all. */
  async prune(kept = KEPT, lastIndex = Number.POSITIVE_INFINITY): Promise<void> {
    const names = (await this.list()).filter(({ index }) => index <= lastIndex)
    for (const name of names.slice(kept)) {
      await this.#disk.remove(this.#path(fileName(name)))
    }
  }

  /** Undefined: it is damaged. */
  async #read(name: SnapshotName): Promise<Uint8Array | undefined> {
    const file = await this.#disk.open(this.#path(fileName(name)), { readOnly: true })
    try {
      const size = await file.size()
      if (size < CHECKSUM_BYTES) return undefined
      const bytes = new Uint8Array(size)
      const hash = createHash('sha256')
      const length = size - CHECKSUM_BYTES
      for (let position = 0; position < size; position += READ_BYTES) {
        const part = await file.read(position, Math.min(READ_BYTES, size - position))
        bytes.set(part, position)
        hash.update(part.subarray(0, Math.max(0, length - position)))
      }
      const isRight = hash.digest().equals(bytes.subarray(length))
      return isRight ? bytes.subarray(0, length) : undefined
    } finally {
      await file.close()
    }
  }

  async #setAside(name: string): Promise<void> {
    const aside = `${name}.broken`
    this.#log.error('set aside a damaged snapshot', { path: this.#path(aside) })
    await this.#disk.rename(this.#path(name), this.#path(aside))
    await this.#disk.syncFolder(this.#folder)
  }

  async #removeTemporaries(): Promise<void> {
    for (const name of await this.#disk.list(this.#folder)) {
      if (name.endsWith('.tmp')) await this.#disk.remove(this.#path(name))
    }
  }

  async #discard(file: DiskFile, path: string): Promise<void> {
    try {
      await file.close()
      await this.#disk.remove(path)
    } catch (error) {
      // The next start removes it; what made the save fail matters more.
      this.#log.warn('cannot remove an unfinished snapshot', { path, error: String(error) })
    }
  }

  #path(name: string): string {
    return `${this.#folder}/${name}`
  }
}

async function writeWithChecksum(
  file: DiskFile,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const hash = createHash('sha256')
  let position = 0
  let unsynced = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    await file.write(position, [chunk])
    position += chunk.length
    unsynced += chunk.length
    if (unsynced < SYNC_BYTES) continue
    await file.sync()
    unsynced = 0
  }
  await file.write(position, [hash.digest()])
  await file.sync()
}

const hex16 = (number: number) => number.toString(16).padStart(16, '0')

const fileName = ({ index, term }: SnapshotName) => `${hex16(term)}-${hex16(index)}.db`

function parseFileName(name: string): SnapshotName | undefined {
  const [, term, index] = /^([0-9a-f]{16})-([0-9a-f]{16})\.db$/.exec(name) ?? []
  if (term === undefined || index === undefined) return undefined
  return { term: Number.parseInt(term, 16), index: Number.parseInt(index, 16) }
}

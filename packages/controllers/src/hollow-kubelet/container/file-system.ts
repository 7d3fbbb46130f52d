import { limits } from '../limits.js'

/** A file or a folder; a folder's bytes are absent. */
export interface FileEntry {
  readonly bytes: Uint8Array | undefined
  readonly mode: number
  readonly modifiedMs: number
}

/** Why something can't be done with a path, as the system calls say it. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

const FULL = 'No space left on device'
const ROOM_BYTES = 256
const NOT_FOUND = 'No such file or directory'
const FOLDERS = ['/', '/bin', '/dev', '/etc', '/home', '/proc', '/root', '/tmp', '/usr', '/var']

/**
 * The files of one container, in memory: what is mounted into it, and what its processes write. Lives
 * as long as a run of the container.
 */
export class FileSystem {
  readonly #entries = new Map<string, FileEntry>()
  /** What was appended to last, in a larger piece of memory with room for more. */
  readonly #growing = new WeakMap<Uint8Array, Uint8Array>()
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number, nowMs: number) {
    this.#bytesMax = bytesMax
    for (const path of FOLDERS) this.makeFolder(path, nowMs)
  }

  entry(path: string): FileEntry | undefined {
    return this.#entries.get(path)
  }

  isFolder(path: string): boolean {
    const entry = this.#entries.get(path)
    return entry !== undefined && entry.bytes === undefined
  }

  read(path: string): Uint8Array {
    const entry = this.#entries.get(path)
    if (path === '/dev/null') return new Uint8Array()
    if (!entry) throw new FileError(NOT_FOUND)
    if (!entry.bytes) throw new FileError('Is a directory')
    return entry.bytes
  }

  /** Folders above it are not made. */
  write(path: string, bytes: Uint8Array, nowMs: number, mode = 0o644): void {
    if (path === '/dev/null') return
    if (!this.isFolder(parentOf(path))) throw new FileError(NOT_FOUND)
    const before = this.#entries.get(path)
    if (before && !before.bytes) throw new FileError('Is a directory')
    const size = this.#bytes - (before?.bytes?.length ?? 0) + bytes.length
    if (size > this.#bytesMax) throw new FileError(FULL)
    this.#bytes = size
    this.#put(path, { bytes, mode: before?.mode ?? mode, modifiedMs: nowMs })
  }

  /** A file that grows is not copied each time. */
  append(path: string, bytes: Uint8Array, nowMs: number): void {
    const before = path === '/dev/null' ? new Uint8Array() : this.read(path)
    const length = before.length + bytes.length
    if (length > this.#bytesMax) throw new FileError(FULL)
    let room = this.#growing.get(before)
    if (!room || room.length < length) {
      room = new Uint8Array(Math.max(length * 2, ROOM_BYTES))
      room.set(before)
    }
    room.set(bytes, before.length)
    this.#growing.delete(before)
    const grown = room.subarray(0, length)
    this.#growing.set(grown, room)
    this.write(path, grown, nowMs)
  }

  #put(path: string, entry: FileEntry): void {
    if (this.#entries.size >= limits.containerFilesMax && !this.#entries.has(path))
      throw new FileError(FULL)
    this.#entries.set(path, entry)
  }

  /** With all that are missing above it. */
  makeFolder(path: string, nowMs: number, mode = 0o755): void {
    const entry = this.#entries.get(path)
    if (entry?.bytes) throw new FileError('Not a directory')
    if (entry) return
    if (path !== '/') this.makeFolder(parentOf(path), nowMs)
    this.#put(path, { bytes: undefined, mode, modifiedMs: nowMs })
  }

  /** With everything in it. */
  remove(path: string): void {
    if (!this.#entries.has(path)) throw new FileError(NOT_FOUND)
    const prefix = path === '/' ? '/' : `${path}/`
    for (const [known, { bytes }] of this.#entries) {
      if (known !== path && !known.startsWith(prefix)) continue
      this.#bytes -= bytes?.length ?? 0
      this.#entries.delete(known)
    }
  }

  /** Names in a folder, in order. */
  list(path: string): string[] {
    const prefix = path === '/' ? '/' : `${path}/`
    const names: string[] = []
    for (const known of this.#entries.keys()) {
      if (known === '/' || !known.startsWith(prefix)) continue
      const name = known.slice(prefix.length)
      if (!name.includes('/')) names.push(name)
    }
    return names.sort()
  }
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
export const join = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder}/${name}`

/** An absolute path without `.`, `..` and empty segments. */
export function resolvePath(directory: string, path: string): string {
  const segments: string[] = []
  const whole = path.startsWith('/') ? path : `${directory}/${path}`
  for (const segment of whole.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}

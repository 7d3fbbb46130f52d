import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import {
  type Disk,
  DiskError,
  type DiskErrorCode,
  type DiskFile,
  type DiskLock,
  type OpenOptions,
} from './disk.js'
import { type DiskOperation, failed, type Machine, SimulatedFile } from './simulated-file.js'
import { SimulatedFolder } from './simulated-folder.js'
import { type PowerLoss, SimulatedInode } from './simulated-inode.js'

/** How long operations take: from the first number to the second. All zero by default. */
export interface DiskLatency {
  readonly operationMs: readonly [number, number]
  /** Of all that makes something durable. */
  readonly syncMs: readonly [number, number]
}

export interface SimulatedDiskOptions {
  readonly random: Random
  /** Needed for a latency. */
  readonly clock?: Clock | undefined
  readonly latency?: DiskLatency | undefined
  readonly capacityBytes?: number | undefined
  readonly powerLoss?: PowerLoss | undefined
}

interface PlannedFailure {
  readonly operation: DiskOperation
  readonly code: DiskErrorCode
  readonly path: string | undefined
}

const NO_LATENCY: DiskLatency = { operationMs: [0, 0], syncMs: [0, 0] }

const SYNCING: ReadonlySet<DiskOperation> = new Set([
  'syncFolder',
  'sync',
  'writeSync',
  'preallocate',
])

const CHANGING: ReadonlySet<DiskOperation> = new Set([
  'makeFolder',
  'rename',
  'remove',
  'write',
  'writeSync',
  'truncate',
  'preallocate',
])

const AT_RISK: ReadonlySet<DiskOperation> = new Set(['write', 'writeSync', 'sync', 'preallocate'])

/**
 * A disk in memory that fails as a seed wants it. What was not synced survives a `crash()` in part,
 * as chance decides: of a file any of its pages or sectors, old, new or garbage; of a folder a few
 * of its creations, renames and removals. New folders are durable at once.
 *
 * The process on it dies with `crash()` or `kill()`: whatever it still asks of this object never
 * settles, and its successor uses the disk that was answered.
 */
export class SimulatedDisk implements Disk {
  /** A planted bug: a sync makes nothing durable and says that it did. */
  ignoresSync = false
  isReadOnly = false
  capacityBytes: number
  latency: DiskLatency
  readonly #options: SimulatedDiskOptions
  #folders = new Map<string, SimulatedFolder>([['', new SimulatedFolder()]])
  readonly #locks = new Set<string>()
  #failures: PlannedFailure[] = []
  #operations = 0
  #haltsAt = Number.POSITIVE_INFINITY
  #isHalted = false
  #announceHalt: () => void = done
  /** Resolves when `haltAfter` has come true. */
  readonly halted = new Promise<void>((resolve) => {
    this.#announceHalt = resolve
  })
  readonly #machine: Machine = {
    run: (operation, path, begin) => this.#run(operation, path, begin),
    roomFor: (inode) => inode.size + Math.max(0, this.capacityBytes - this.usedBytes),
    syncs: () => !this.ignoresSync,
  }

  constructor(options: SimulatedDiskOptions) {
    this.#options = options
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY
    this.latency = options.latency ?? NO_LATENCY
  }

  /** Operations that were begun. */
  get operations(): number {
    return this.#operations
  }

  get usedBytes(): number {
    let bytes = 0
    for (const { names } of this.#folders.values()) {
      for (const { size } of names.values()) bytes += size
    }
    return bytes
  }

  /** The operation after so many more is begun but never ends, nor does any after it. */
  haltAfter(operations: number): void {
    this.#haltsAt = this.#operations + operations
  }

  /** The next such operation (on that path) fails. A sync that failed leaves its writes at risk. */
  failNext(operation: DiskOperation, code: DiskErrorCode, path?: string): void {
    this.#failures.push({ operation, code, path })
  }

  /** The power is lost: answers the disk as it is found afterwards. */
  crash(): SimulatedDisk {
    const { random, powerLoss = {} } = this.#options
    const survivors = new Map<SimulatedInode, SimulatedInode>()
    const survivorOf = (inode: SimulatedInode) => {
      const survivor = survivors.get(inode) ?? inode.afterPowerLoss(random, powerLoss)
      survivors.set(inode, survivor)
      return survivor
    }
    const next = this.kill()
    next.#folders = new Map(
      [...this.#folders].map(([path, folder]) => [path, folder.afterPowerLoss(random, survivorOf)]),
    )
    return next
  }

  /** The process dies, the machine runs on: nothing that was written is lost (yet). */
  kill(): SimulatedDisk {
    this.#isHalted = true
    const { capacityBytes, latency } = this
    const next = new SimulatedDisk({ ...this.#options, capacityBytes, latency })
    next.#folders = this.#folders
    next.ignoresSync = this.ignoresSync
    next.isReadOnly = this.isReadOnly
    return next
  }

  /** Damages a byte of a file, durably. */
  flip(path: string, offset: number, mask: number): void {
    this.#inodeAt(path, 'flip').flip(offset, mask)
  }

  makeFolder(path: string): Promise<void> {
    return this.#run('makeFolder', path, () => {
      const parts = path.split('/')
      parts.forEach((_, i) => {
        const folder = parts.slice(0, i + 1).join('/')
        if (!this.#folders.has(folder)) this.#folders.set(folder, new SimulatedFolder())
      })
      return done
    })
  }

  list(path: string): Promise<readonly string[]> {
    return this.#run('list', path, () => () => {
      const files = [...(this.#folders.get(path)?.names.keys() ?? [])]
      const folders = [...this.#folders.keys()].filter((at) => at !== '' && folderOf(at) === path)
      return [...files, ...folders.map(nameOf)].sort()
    })
  }

  open(path: string, { create, readOnly = false }: OpenOptions = {}): Promise<DiskFile> {
    return this.#run('open', path, () => {
      const folder = this.#folder(path, 'open')
      const found = folder.names.get(nameOf(path))
      if (this.isReadOnly && !readOnly) throw failed('EROFS', 'open', path)
      if (found !== undefined && create === 'new') throw failed('EEXIST', 'open', path)
      if (found === undefined && create === undefined) throw failed('ENOENT', 'open', path)
      const inode = found ?? new SimulatedInode()
      if (found === undefined) folder.change([[nameOf(path), inode]])
      return () => new SimulatedFile(this.#machine, path, inode, readOnly)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run('rename', from, () => {
      const source = this.#folder(from, 'rename')
      const target = this.#folder(to, 'rename')
      const given = [nameOf(to), this.#inodeAt(from, 'rename')] as const
      const taken = [nameOf(from), undefined] as const
      if (source === target) {
        source.change([taken, given])
      } else {
        target.change([given])
        source.change([taken])
      }
      return done
    })
  }

  remove(path: string): Promise<void> {
    return this.#run('remove', path, () => {
      this.#inodeAt(path, 'remove')
      this.#folder(path, 'remove').change([[nameOf(path), undefined]])
      return done
    })
  }

  syncFolder(path: string): Promise<void> {
    return this.#run('syncFolder', path, () => {
      const folder = this.#folders.get(path)
      if (folder === undefined) throw failed('ENOENT', 'sync the folder', path)
      const complete = folder.beginSync()
      return () => {
        if (!this.ignoresSync) complete()
      }
    })
  }

  async lock(path: string): Promise<DiskLock> {
    if (this.#isHalted) return never()
    if (this.isReadOnly) throw failed('EROFS', 'lock', path)
    this.#folder(path, 'lock')
    if (this.#locks.has(path)) {
      const message = `cannot lock ${path}: another process has it; stop that one first`
      throw new DiskError('locked', path, message)
    }
    this.#locks.add(path)
    return {
      release: async () => {
        this.#locks.delete(path)
      },
    }
  }

  /** `begin` happens at once, what it answers at the end: between the two the power may be lost. */
  async #run<T>(operation: DiskOperation, path: string, begin: () => () => T): Promise<T> {
    if (this.#isHalted) return never()
    this.#operations++
    const failure = this.#takeFailure(operation, path)
    if (this.isReadOnly && CHANGING.has(operation)) throw failed('EROFS', operation, path)
    // A write or sync that fails may still have done any part of its work.
    const end = failure === undefined || AT_RISK.has(operation) ? begin() : undefined
    if (this.#operations > this.#haltsAt) {
      this.#isHalted = true
      this.#announceHalt()
      return never()
    }
    await this.#delay(SYNCING.has(operation) ? this.latency.syncMs : this.latency.operationMs)
    if (this.#isHalted) return never()
    if (failure === undefined && end !== undefined) return end()
    throw new DiskError(failure?.code ?? 'failed', path, `cannot ${operation} ${path}: as planned`)
  }

  #takeFailure(operation: DiskOperation, path: string): PlannedFailure | undefined {
    const place = this.#failures.findIndex(
      (failure) => failure.operation === operation && (failure.path ?? path) === path,
    )
    return place < 0 ? undefined : this.#failures.splice(place, 1)[0]
  }

  #delay([least, most]: readonly [number, number]): Promise<void> {
    const { clock, random } = this.#options
    if (most === 0) return Promise.resolve()
    if (clock === undefined) throw new TypeError('a simulated disk needs a clock for its latency')
    const delayMs = least + random.below(most - least + 1)
    return new Promise((resolve) => {
      clock.setTimer(delayMs, resolve)
    })
  }

  #folder(path: string, action: string): SimulatedFolder {
    const folder = this.#folders.get(folderOf(path))
    if (folder === undefined) throw failed('ENOENT', action, path)
    return folder
  }

  #inodeAt(path: string, action: string): SimulatedInode {
    const inode = this.#folder(path, action).names.get(nameOf(path))
    if (inode === undefined) throw failed('ENOENT', action, path)
    return inode
  }
}

const done = () => undefined

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

import type { Disk, DiskFile } from '../disk/disk.js'

const SPARE = /^\d+\.spare$/

/** Old segments kept for later; more are removed. */
const RECYCLED_MAX = 2

/**
 * Files that become segments: recycled ones, or new ones filled with zeros. One is made ready in
 * the background when a segment is half full, so that a log doesn't wait for it at its end.
 */
export class SpareSegments {
  readonly #disk: Disk
  readonly #folder: string
  readonly #segmentBytes: number
  readonly #recycled: string[] = []
  /** The next one, or why there is none. */
  #ready: Promise<DiskFile | Error> | undefined
  #counter = 0

  constructor(disk: Disk, folder: string, segmentBytes: number) {
    this.#disk = disk
    this.#folder = folder
    this.#segmentBytes = segmentBytes
  }

  /** Spare files of an earlier process, which may have begun to write to them. */
  async removeLeftovers(): Promise<void> {
    for (const name of await this.#disk.list(this.#folder)) {
      if (SPARE.test(name)) await this.#disk.remove(`${this.#folder}/${name}`)
    }
  }

  prepare(): void {
    // A full disk may have room again when the file is needed: then `take` tries once more.
    this.#ready ??= this.#make().catch((error: Error) => error)
  }

  /** An open file of at least a segment's size; whoever takes it gives it its name. */
  async take(): Promise<DiskFile> {
    const ready = await this.#ready
    this.#ready = undefined
    return ready === undefined || ready instanceof Error ? this.#make() : ready
  }

  /** A smaller one, to begin with. */
  takeSmall(bytes: number): Promise<DiskFile> {
    return this.#make(Math.min(bytes, this.#segmentBytes))
  }

  /** Takes over a file that the log needs no more. */
  async recycle(path: string): Promise<void> {
    if (this.#recycled.length >= RECYCLED_MAX) {
      await this.#disk.remove(path)
      return
    }
    const spare = this.#nextPath()
    await this.#disk.rename(path, spare)
    this.#recycled.push(spare)
  }

  async close(): Promise<void> {
    const ready = await this.#ready
    this.#ready = undefined
    if (ready !== undefined && !(ready instanceof Error)) await ready.close()
  }

  async #make(bytes = this.#segmentBytes): Promise<DiskFile> {
    const recycled = this.#recycled.shift()
    const path = recycled ?? this.#nextPath()
    const file = await this.#disk.open(path, recycled === undefined ? { create: 'new' } : {})
    try {
      await file.preallocate(bytes)
      return file
    } catch (error) {
      await file.close()
      await this.#disk.remove(path)
      throw error
    }
  }

  #nextPath(): string {
    return `${this.#folder}/${this.#counter++}.spare`
  }
}

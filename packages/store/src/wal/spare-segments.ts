import type { Disk, DiskFile } from '../disk/disk.js'

const SPARE = /^\d+\.spare$/

/** Old segments kept for later; more are removed. */
const RECYCLED_MAX = 2

/**
 * Files that become segments: recycled ones, or new ones filled with zeros. One is made ready in
 * the background before it is needed, so that a log never waits for it at the end of a segment.
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

  /** An open file; whoever takes it gives it its name. */
  async take(): Promise<DiskFile> {
    const ready = await this.#ready
    this.#ready = undefined
    return ready === undefined || ready instanceof Error ? this.#make() : ready
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

  async #make(): Promise<DiskFile> {
    const recycled = this.#recycled.shift()
    const path = recycled ?? this.#nextPath()
    const file = await this.#disk.open(path, recycled === undefined ? { create: 'new' } : {})
    try {
      await file.preallocate(this.#segmentBytes)
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

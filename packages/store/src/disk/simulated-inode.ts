import type { Random } from '../random.js'

const PAGE_BYTES = 4096

/** What a disk writes whole or not at all; a page may be torn between two of them. */
const SECTOR_BYTES = 512

/** What a loss of power does to writes that were not synced. */
export interface PowerLoss {
  /** A page may survive in part, by sectors of 512 bytes. Default true. */
  readonly tearsPages?: boolean | undefined
  /** A sector that was being overwritten as a whole may hold anything. Default true. */
  readonly leavesGarbage?: boolean | undefined
}

/** What a file was before a group of writes, page by page, as far as they changed it. */
interface Layer {
  readonly size: number
  readonly pages: Map<number, PageBefore>
}

interface PageBefore {
  readonly bytes: Uint8Array
  /** The written part of the page. */
  from: number
  to: number
}

/**
 * A file's bytes, and how to undo what isn't durable: a layer for each sync under way and one for
 * what was written since.
 */
export class SimulatedInode {
  #bytes = new Uint8Array(0)
  #size = 0
  #layers: Layer[] = [{ size: 0, pages: new Map() }]
  /** After a failed sync the system takes the pages for clean, and later syncs skip them. */
  isSyncBroken = false

  get size(): number {
    return this.#size
  }

  read(position: number, length: number): Uint8Array {
    return this.#bytes.slice(position, Math.min(position + length, this.#size))
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length
    this.#reserve(end)
    this.#remember(position, end)
    this.#bytes.set(bytes, position)
    this.#size = Math.max(this.#size, end)
  }

  truncate(size: number): void {
    this.#reserve(size)
    if (size < this.#size) {
      this.#remember(size, this.#size)
      this.#bytes.fill(0, size, this.#size)
    }
    this.#size = size
  }

  /** Changes a byte behind everyone's back. */
  flip(offset: number, mask: number): void {
    this.#bytes[offset] = (this.#bytes[offset] ?? 0) ^ mask
  }

  /** What is written from now on isn't part of the sync. Answers what to call when it is done. */
  beginSync(): () => void {
    const synced = this.#layers.at(-1)
    this.#layers.push({ size: this.#size, pages: new Map() })
    return () => {
      if (this.isSyncBroken || synced === undefined) return
      this.#layers.splice(0, this.#layers.indexOf(synced) + 1)
    }
  }

  /** The file as it is found after the power was lost. */
  afterPowerLoss(random: Random, powerLoss: PowerLoss): SimulatedInode {
    const survivor = new SimulatedInode()
    survivor.#bytes = this.#bytes.slice()
    survivor.#size = this.#pick(random, [...this.#layers.map(({ size }) => size), this.#size])
    const pages = new Set(this.#layers.flatMap((layer) => [...layer.pages.keys()]))
    // All or nothing survives often enough to be met in few runs; else each page has its own luck.
    const luck = random.below(4)
    for (const page of [...pages].sort((a, b) => a - b)) {
      if (luck > 0) this.#losePage(survivor, page, luck === 1, random, powerLoss)
    }
    if (luck === 0) survivor.#size = this.#size
    survivor.#bytes.fill(0, survivor.#size)
    survivor.#layers = [{ size: survivor.#size, pages: new Map() }]
    return survivor
  }

  #losePage(
    survivor: SimulatedInode,
    page: number,
    isAllLost: boolean,
    random: Random,
    { tearsPages = true, leavesGarbage = true }: PowerLoss,
  ): void {
    const layers = this.#layers.flatMap((layer) => layer.pages.get(page) ?? [])
    const current = this.#pageBytes(page)
    const candidates = [...layers.map(({ bytes }) => bytes), current]
    const [oldest = current] = candidates
    const from = Math.min(...layers.map((layer) => layer.from))
    const to = Math.max(...layers.map((layer) => layer.to))
    const whole = this.#pick(random, candidates)
    for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES) {
      const source = tearsPages ? this.#pick(random, candidates) : whole
      const sector = (isAllLost ? oldest : source).slice(at, at + SECTOR_BYTES)
      const isOverwritten = from <= at && at + SECTOR_BYTES <= to
      if (!isAllLost && leavesGarbage && isOverwritten && random.below(4) === 0) {
        for (let i = 0; i < SECTOR_BYTES; i++) sector[i] = random.below(256)
      }
      const start = page * PAGE_BYTES + at
      survivor.#bytes.set(sector.subarray(0, Math.max(0, survivor.#bytes.length - start)), start)
    }
  }

  #pick<T>(random: Random, candidates: readonly T[]): T {
    return candidates[random.below(candidates.length)] as T
  }

  #pageBytes(page: number): Uint8Array {
    const bytes = new Uint8Array(PAGE_BYTES)
    bytes.set(this.#bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES))
    return bytes
  }

  #remember(start: number, end: number): void {
    const layer = this.#layers.at(-1)
    for (let page = Math.floor(start / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      const from = Math.max(0, start - page * PAGE_BYTES)
      const to = Math.min(PAGE_BYTES, end - page * PAGE_BYTES)
      const before = layer?.pages.get(page)
      if (before === undefined) {
        layer?.pages.set(page, { bytes: this.#pageBytes(page), from, to })
      } else {
        before.from = Math.min(before.from, from)
        before.to = Math.max(before.to, to)
      }
    }
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return
    const pages = Math.ceil(Math.max(size, this.#bytes.length * 2) / PAGE_BYTES)
    const larger = new Uint8Array(pages * PAGE_BYTES)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

import type { Clock, EndpointSlice } from '@miniplane/api'
import { limits } from './limits.js'

interface Written {
  /** The resourceVersion of our write; undefined for a deletion. */
  readonly version: bigint | undefined
  readonly atMs: number
}

/**
 * What was written and the cache may not show yet. A plan made from the slices of before would put
 * the same endpoints into a second slice: new slices have no name that would forbid it.
 */
export class WrittenSlices {
  readonly #clock: Clock
  /** Service → slice's name → our last write. */
  readonly #written = new Map<string, Map<string, Written>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wrote(service: string, { metadata }: EndpointSlice): void {
    this.#note(service, metadata.name ?? '', BigInt(metadata.resourceVersion ?? 0))
  }

  removed(service: string, { metadata }: EndpointSlice): void {
    this.#note(service, metadata.name ?? '', undefined)
  }

  /** Somebody may have deleted a slice before the cache ever showed our write of it. */
  sawDeletion(service: string, { metadata }: EndpointSlice): void {
    this.#written.get(service)?.delete(metadata.name ?? '')
  }

  /** Whether `cached` shows everything that was written, or has had time enough to. */
  areIn(service: string, cached: readonly EndpointSlice[]): boolean {
    const written = this.#written.get(service)
    if (written === undefined) return true
    const versions = new Map(
      cached.map(({ metadata }) => [metadata.name, BigInt(metadata.resourceVersion ?? 0)]),
    )
    for (const [name, write] of written) {
      if (isShown(write, versions.get(name)) || this.#isOld(write)) written.delete(name)
    }
    if (written.size > 0) return false
    this.#written.delete(service)
    return true
  }

  forget(service: string): void {
    this.#written.delete(service)
  }

  #isOld({ atMs }: Written): boolean {
    return this.#clock.monotonic() - atMs >= limits.cacheLagMaxMs
  }

  #note(service: string, name: string, version: bigint | undefined): void {
    const written = this.#written.get(service) ?? new Map<string, Written>()
    this.#written.set(service, written.set(name, { version, atMs: this.#clock.monotonic() }))
  }
}

const isShown = ({ version }: Written, cached: bigint | undefined): boolean =>
  version === undefined ? cached === undefined : cached !== undefined && cached >= version

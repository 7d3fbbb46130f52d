import { StoreError } from '../errors.js'
import type { NodeId } from '../raft/types.js'
import type { Command } from './command.js'

export interface QuotaOptions {
  readonly memberId: NodeId
  readonly hasSpaceFor: (bytes: number) => boolean
  readonly isAlarmed: () => boolean
  readonly propose: (command: Command) => Promise<unknown>
}

/**
 * Refuses what would let the store grow beyond its bound. The first refusal raises the alarm of the
 * whole cluster, which stays until somebody has made room and disarms it.
 */
export class Quota {
  readonly #options: QuotaOptions
  #raising: Promise<unknown> | undefined

  constructor(options: QuotaOptions) {
    this.#options = options
  }

  hasSpaceFor(bytes: number): boolean {
    return this.#options.hasSpaceFor(bytes)
  }

  /** Rejects, always, once the alarm is raised. */
  async refuse(): Promise<never> {
    const { isAlarmed, memberId, propose } = this.#options
    if (!isAlarmed()) {
      const alarm = { action: 'activate', memberId, alarm: 'nospace' } as const
      this.#raising ??= propose({ alarm }).finally(() => {
        this.#raising = undefined
      })
      await this.#raising
    }
    throw new StoreError({ code: 'NoSpace' })
  }
}

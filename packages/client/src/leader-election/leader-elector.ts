import {
  type Clock,
  type coordinationV1,
  formatMicroTime,
  isStatusError,
  type KubeObject,
  sleep,
} from '@miniplane/api'
import type { Client } from '../client.js'
import type { Log } from '../log.js'
import { resources } from '../resources.js'

type Lease = coordinationV1.Lease & KubeObject

export interface LeaderElectionOptions {
  readonly client: Client
  readonly clock: Clock
  readonly log?: Log
  readonly namespace: string
  /** The Lease's name: what is being led. */
  readonly name: string
  /** Who we are; must differ between candidates. */
  readonly identity: string
  /** How long others wait for a leader that is silent. Default 15 s. */
  readonly leaseDurationMs?: number
  /** How long a leader goes on without having renewed before it gives up. Default 10 s. */
  readonly renewDeadlineMs?: number
  /** Pause between tries. Default 2 s. */
  readonly retryPeriodMs?: number
}

/**
 * Lets one of several candidates work at a time, by a Lease that the leader keeps renewing. Time
 * is judged by the own clock alone, from when a change of the Lease was last *seen*, so clocks
 * may differ between candidates; only their speed must be alike.
 * Source: client-go's leader election, as its documentation describes it.
 */
export class LeaderElector {
  readonly #options: Required<Omit<LeaderElectionOptions, 'log'>> & { readonly log?: Log }
  #seen: { readonly record: string; readonly atMs: number } | undefined

  constructor(options: LeaderElectionOptions) {
    this.#options = {
      leaseDurationMs: 15_000,
      renewDeadlineMs: 10_000,
      retryPeriodMs: 2_000,
      ...options,
    }
  }

  /**
   * Waits until this candidate leads, runs `lead`, and renews meanwhile. `lead`'s signal is aborted
   * when leadership is lost; then the promise rejects. When `signal` is aborted the Lease is given
   * back, so that the next candidate need not wait.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs } = this.#options
    while (!(await this.#tryAcquire())) await sleep(clock, retryPeriodMs, signal)
    const lost = new AbortController()
    const leading = lead(AbortSignal.any([signal, lost.signal]))
    const renewing = this.#renewUntil(AbortSignal.any([signal, lost.signal]))
    try {
      await Promise.race([leading, renewing])
    } finally {
      lost.abort(new Error('leadership ended'))
      await Promise.allSettled([leading, renewing])
      await this.#release()
    }
  }

  /** Resolves when aborted; rejects when the Lease could not be renewed in time. */
  async #renewUntil(signal: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs, renewDeadlineMs, name } = this.#options
    let renewedAtMs = clock.monotonic()
    while (!signal.aborted) {
      try {
        await sleep(clock, retryPeriodMs, signal)
      } catch {
        return // aborted: the one way this wait ends early
      }
      if (await this.#tryAcquire()) renewedAtMs = clock.monotonic()
      else if (clock.monotonic() - renewedAtMs >= renewDeadlineMs) {
        throw new Error(`leader election lost: lease ${name} was not renewed in time`)
      }
    }
  }

  async #tryAcquire(): Promise<boolean> {
    try {
      return await this.#acquireOrRenew()
    } catch (error) {
      this.#options.log?.warn('leader election: the lease could not be updated', { error })
      return false
    }
  }

  async #acquireOrRenew(): Promise<boolean> {
    const { client, clock, namespace, name, identity } = this.#options
    const leases = client.of(resources.leases)
    let held: Lease
    try {
      held = await leases.get(name, { namespace })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
      await leases.create(this.#claim(undefined))
      return true
    }
    const record = JSON.stringify(held.spec)
    if (this.#seen?.record !== record) this.#seen = { record, atMs: clock.monotonic() }
    const holder = held.spec.holderIdentity ?? ''
    const validMs = (held.spec.leaseDurationSeconds ?? 0) * 1000
    const isOver = clock.monotonic() - this.#seen.atMs >= validMs
    if (holder !== '' && holder !== identity && !isOver) return false
    await leases.update(this.#claim(held))
    return true
  }

  #claim(held: Lease | undefined): Lease {
    const { clock, namespace, name, identity, leaseDurationMs } = this.#options
    const now = formatMicroTime(clock.now())
    const isOurs = held?.spec.holderIdentity === identity
    const acquired = isOurs ? held?.spec.acquireTime : undefined
    return {
      kind: 'Lease',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: held?.metadata ?? { name, namespace },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
        acquireTime: acquired ?? now,
        renewTime: now,
        leaseTransitions:
          (held?.spec.leaseTransitions ?? 0) + (held === undefined || isOurs ? 0 : 1),
      },
    }
  }

  /** Gives the Lease back if it is still ours. */
  async #release(): Promise<void> {
    const { client, namespace, name, identity, log } = this.#options
    const leases = client.of(resources.leases)
    try {
      const held = await leases.get(name, { namespace })
      if (held.spec.holderIdentity !== identity) return
      await leases.update({
        ...held,
        spec: { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1 },
      })
    } catch (error) {
      log?.warn('leader election: the lease could not be given back', { error })
    }
  }
}

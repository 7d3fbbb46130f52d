import type { ContainerRun } from './container-run.js'

/** Tells those who talk to a container when that run of it is over. Costs nothing while nobody does. */
export class RunSignals {
  readonly #open = new Map<ContainerRun, { readonly id: string; readonly over: AbortController }>()

  #whole: AbortController | undefined
  #isGone = false

  /** Aborted when the Pod is gone. */
  get whole(): AbortSignal {
    this.#whole ??= new AbortController()
    if (this.#isGone) this.#whole.abort()
    return this.#whole.signal
  }

  /** Aborted when the container's present run has ended. */
  of(container: ContainerRun): AbortSignal {
    const known = this.#open.get(container)
    if (known && isCurrent(container, known.id)) return known.over.signal
    const over = new AbortController()
    if (!isCurrent(container, container.id)) over.abort()
    else this.#open.set(container, { id: container.id ?? '', over })
    return over.signal
  }

  /** Call it when containers may have ended. */
  update(): void {
    for (const [container, { id, over }] of this.#open) {
      if (isCurrent(container, id)) continue
      this.#open.delete(container)
      over.abort()
    }
  }

  abortAll(): void {
    for (const { over } of this.#open.values()) over.abort()
    this.#open.clear()
    this.#isGone = true
    this.#whole?.abort()
  }
}

const isCurrent = ({ state, id }: ContainerRun, expected: string | undefined): boolean =>
  state.kind === 'running' && id === expected

import { RaftInvariants } from '../raft/invariants.js'
import type { NodeId, RaftNode } from '../raft/types.js'

/**
 * Looks at every core after everything that it does. What must never be is told once and does not
 * stop the run: its story may show more.
 */
export class CoreWatch {
  readonly #invariants = new RaftInvariants()
  readonly #onViolation: (violation: string) => void

  constructor(onViolation: (violation: string) => void) {
    this.#onViolation = onViolation
  }

  /** The core, with somebody looking on. */
  wrap(raft: RaftNode): RaftNode {
    this.#invariants.forget(raft.status.id)
    const observe = (looking: () => void) => {
      try {
        looking()
      } catch (error) {
        this.#onViolation(error instanceof Error ? error.message : String(error))
      }
    }
    return new Proxy(raft, {
      get: (core, name) => {
        const member: unknown = Reflect.get(core, name, core)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const answer: unknown = Reflect.apply(member, core, args)
          if (CHANGING.has(name)) observe(() => this.#invariants.observe(core))
          if (name === 'ready') {
            observe(() =>
              this.#invariants.observeReady(core, answer as ReturnType<RaftNode['ready']>),
            )
          }
          return answer
        }
      },
    })
  }

  forget(id: NodeId): void {
    this.#invariants.forget(id)
  }
}

const CHANGING: ReadonlySet<string | symbol> = new Set([
  'tick',
  'step',
  'propose',
  'proposeConfChange',
  'applyConfChange',
  'campaign',
  'transferLeadership',
  'advance',
])

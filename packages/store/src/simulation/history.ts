import type { Model, Operation } from './linearizability.js'

/** What clients ask of one key. */
export type Call =
  | { readonly kind: 'put'; readonly value: string }
  | { readonly kind: 'get' }
  | { readonly kind: 'delete' }
  /** Puts if the key has this value; undefined: if it does not exist. */
  | { readonly kind: 'swap'; readonly ifValue: string | undefined; readonly value: string }

/** What they are told. */
export interface Answer {
  /** The store's revision: for what changed something, the revision that it made. */
  readonly revision: number
  /** Of a read: undefined when there is no such key. */
  readonly value?: string | undefined
  readonly modRevision?: number | undefined
  /** Whether a swap or a deletion found what it wanted. */
  readonly hasChanged?: boolean | undefined
}

export type KeyOperation = Operation<Call, Answer>

/** A key: its value and the revision that wrote it, as far as it is known (`?`). */
export interface KeyState {
  readonly value: string | undefined
  readonly modRevision: number | '?'
}

/** A key of the store as etcd's API describes it. */
export const keyModel: Model<KeyState, Call, Answer> = {
  initial: { value: undefined, modRevision: 0 },
  step(state, call, answer) {
    switch (call.kind) {
      case 'get':
        return answer === undefined ? state : afterRead(state, answer)
      case 'put':
        return written(call.value, answer)
      case 'delete':
        return afterDelete(state, answer)
      case 'swap':
        return afterSwap(state, call, answer)
    }
  },
  keyOf: ({ value, modRevision }) => `${value ?? ''}@${modRevision}`,
}

const written = (value: string, answer: Answer | undefined): KeyState => ({
  value,
  modRevision: answer?.revision ?? '?',
})

function afterRead(state: KeyState, { value, modRevision = 0 }: Answer): KeyState | undefined {
  if (state.value !== value) return undefined
  if (value === undefined) return state
  if (state.modRevision !== '?' && state.modRevision !== modRevision) return undefined
  return { value, modRevision }
}

function afterDelete(state: KeyState, answer: Answer | undefined): KeyState | undefined {
  const exists = state.value !== undefined
  if (answer !== undefined && answer.hasChanged !== exists) return undefined
  return exists ? { value: undefined, modRevision: 0 } : state
}

function afterSwap(
  state: KeyState,
  { ifValue, value }: Call & { readonly kind: 'swap' },
  answer: Answer | undefined,
): KeyState | undefined {
  const matches = state.value === ifValue
  if (answer !== undefined && answer.hasChanged !== matches) return undefined
  return matches ? written(value, answer) : state
}

/** What clients did, by key. */
export class History {
  readonly #byKey = new Map<string, KeyOperation[]>()
  readonly #all: KeyOperation[] = []

  add(key: string, operation: KeyOperation): void {
    const operations = this.#byKey.get(key)
    if (operations === undefined) this.#byKey.set(key, [operation])
    else operations.push(operation)
    this.#all.push(operation)
  }

  get size(): number {
    return this.#all.length
  }

  get keys(): Iterable<[string, readonly KeyOperation[]]> {
    return this.#byKey
  }

  /**
   * Revisions never run backwards: who asked after another was answered is told a revision that is
   * not below the other's. Answers what contradicts it, if anything does.
   */
  backwards(): readonly [KeyOperation, KeyOperation] | undefined {
    const known = this.#all.filter(({ answer }) => answer !== undefined)
    const byCall = [...known].sort((a, b) => a.calledAt - b.calledAt)
    const byEnd = [...known].sort((a, b) => a.answeredAt - b.answeredAt)
    let newest: KeyOperation | undefined
    let ended = 0
    for (const operation of byCall) {
      for (; ended < byEnd.length; ended++) {
        const earlier = byEnd[ended] as KeyOperation
        if (earlier.answeredAt >= operation.calledAt) break
        if (revisionOf(earlier) > revisionOf(newest)) newest = earlier
      }
      if (newest !== undefined && revisionOf(operation) < revisionOf(newest)) {
        return [newest, operation]
      }
    }
    return undefined
  }
}

const revisionOf = (operation: KeyOperation | undefined): number => operation?.answer?.revision ?? 0

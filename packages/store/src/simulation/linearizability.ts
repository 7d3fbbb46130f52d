/** One operation of one client, as that client saw it. */
export interface Operation<Call, Answer> {
  readonly client: number
  readonly call: Call
  readonly calledAt: number
  /** Undefined: it is not known whether it took effect, then or ever. */
  readonly answer: Answer | undefined
  readonly answeredAt: number
}

/** What one thing of the store is allowed to do: a state and what an operation makes of it. */
export interface Model<State, Call, Answer> {
  readonly initial: State
  /** The state after it; undefined: that answer is impossible in this state. */
  step(state: State, call: Call, answer: Answer | undefined): State | undefined
  /** Equal for equal states. */
  keyOf(state: State): string
}

/** A call or a return in the list of what is not linearized yet. */
interface Event<Call, Answer> {
  readonly operation: Operation<Call, Answer>
  readonly number: number
  readonly at: number
  readonly isCall: boolean
  /** Of a call. */
  match: Event<Call, Answer> | undefined
  before: Event<Call, Answer> | undefined
  after: Event<Call, Answer> | undefined
}

export type Verdict = 'linearizable' | 'impossible' | 'tooHard'

/**
 * Whether there is an order of the operations that the model allows and in which none comes before
 * one that had ended when it began. Histories of different keys can be judged one by one.
 *
 * Source: Wing & Gong, "Testing and Verifying Concurrent Objects" (1993), the search; Lowe, "Testing
 * for linearizability" (2017), its list and the memory of configurations that led nowhere.
 * Bounds: `tooHard` after `configurationsMax` configurations.
 */
export function judge<State, Call, Answer>(
  model: Model<State, Call, Answer>,
  operations: readonly Operation<Call, Answer>[],
  configurationsMax = 2_000_000,
): Verdict {
  const head = eventsOf(operations)
  const linearized = new Bits(operations.length)
  const seen = new Set<string>()
  const stack: { readonly event: Event<Call, Answer>; readonly state: State }[] = []
  let state = model.initial
  let event = head.after
  while (head.after !== undefined) {
    if (event?.isCall) {
      const { call, answer } = event.operation
      const next = model.step(state, call, answer)
      if (next !== undefined && isNew(event.number, next)) {
        stack.push({ event, state })
        state = next
        linearized.set(event.number)
        lift(event)
        event = head.after
      } else event = event.after
      if (seen.size > configurationsMax) return 'tooHard'
      continue
    }
    // One has returned that isn't linearized: an earlier choice was wrong.
    const last = stack.pop()
    if (last === undefined) return 'impossible'
    state = last.state
    linearized.clear(last.event.number)
    unlift(last.event)
    event = last.event.after
  }
  return 'linearizable'

  function isNew(number: number, next: State): boolean {
    const key = `${linearized.keyWith(number)}|${model.keyOf(next)}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  }
}

/** The calls and returns in the order of time, behind a head that is neither. */
function eventsOf<Call, Answer>(
  operations: readonly Operation<Call, Answer>[],
): Event<Call, Answer> {
  const events = operations.flatMap((operation, number): Event<Call, Answer>[] => {
    const ended = operation.answer === undefined ? Number.POSITIVE_INFINITY : operation.answeredAt
    const common = { operation, number, match: undefined, before: undefined, after: undefined }
    const end: Event<Call, Answer> = { ...common, at: ended, isCall: false }
    return [{ ...common, at: operation.calledAt, isCall: true, match: end }, end]
  })
  // At the same moment calls come first: who was called before the other's end overlaps with it.
  events.sort((a, b) => a.at - b.at || Number(b.isCall) - Number(a.isCall))
  const [first] = events
  const head = { ...(first as Event<Call, Answer>), isCall: false, match: undefined }
  head.before = undefined
  head.after = undefined
  let last: Event<Call, Answer> = head
  for (const event of events) {
    last.after = event
    event.before = last
    last = event
  }
  return head
}

/** Takes a call and its return out of the list. */
function lift<Call, Answer>(event: Event<Call, Answer>): void {
  unlink(event)
  if (event.match !== undefined) unlink(event.match)
}

/** Puts them back where they were: the last that was taken out goes first. */
function unlift<Call, Answer>(event: Event<Call, Answer>): void {
  if (event.match !== undefined) relink(event.match)
  relink(event)
}

function unlink<Call, Answer>({ before, after }: Event<Call, Answer>): void {
  if (before !== undefined) before.after = after
  if (after !== undefined) after.before = before
}

function relink<Call, Answer>(event: Event<Call, Answer>): void {
  if (event.before !== undefined) event.before.after = event
  if (event.after !== undefined) event.after.before = event
}

class Bits {
  readonly #words: Uint32Array

  constructor(count: number) {
    this.#words = new Uint32Array((count + 31) >> 5)
  }

  set(bit: number): void {
    this.#words[bit >> 5] = (this.#words[bit >> 5] ?? 0) | (1 << (bit & 31))
  }

  clear(bit: number): void {
    this.#words[bit >> 5] = (this.#words[bit >> 5] ?? 0) & ~(1 << (bit & 31))
  }

  /** The bits with one more, as a string. */
  keyWith(bit: number): string {
    this.set(bit)
    const key = String.fromCharCode(...new Uint16Array(this.#words.buffer))
    this.clear(bit)
    return key
  }
}

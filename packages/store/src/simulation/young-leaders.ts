import type { Message, NodeId } from '../raft/types.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedNetwork } from './simulated-network.js'

export interface YoungLeadersOptions {
  readonly network: SimulatedNetwork
  readonly time: SimulatedTime
  readonly random: SeededRandom
  readonly members: () => readonly NodeId[]
  readonly crash: (id: NodeId) => void
}

/** Of one reign: how many answers come back before it ends. None: nobody hears of its entries. */
interface Fate {
  answersLeft: number
}

/** Long enough for a leader to have its own entries on its disk. */
const MUTE_MS = [5, 12] as const
/** So long is an answer on its way, at most. */
const ANSWER_MS = 12

/**
 * Leaders that die young, each with entries that nobody else has, or one other: the way to figure 8
 * of the Raft paper, where an entry that most members have is lost all the same, since it is of an
 * older term than what a later leader has. Who counts it as committed loses what it acknowledged.
 */
export class YoungLeaders {
  readonly #options: YoungLeadersOptions
  /** By leader and term. */
  readonly #fates = new Map<string, Fate>()

  constructor(options: YoungLeadersOptions) {
    this.#options = options
    options.network.onSent = (message) => this.#onSent(message)
  }

  #onSent({ type, from, to, term, reject, entries = [] }: Message): void {
    if (type === 'MsgApp' && entries.length > 0) this.#begin(from, term)
    else if (type === 'MsgAppResp' && !reject) this.#onAnswer(to, term)
  }

  /** The message that told of it is on its way only if nothing is cut now. */
  #begin(leader: NodeId, term: number): void {
    const reign = `${leader}/${term}`
    if (this.#fates.has(reign)) return
    const { random, network, members } = this.#options
    const isMute = random.chance(0.5)
    this.#fates.set(reign, { answersLeft: isMute ? 0 : random.between(1, 3) })
    if (!isMute) return
    for (const other of members()) network.cut(leader, other)
    this.#endAfter(random.between(...MUTE_MS), leader)
  }

  #onAnswer(leader: NodeId, term: number): void {
    const fate = this.#fates.get(`${leader}/${term}`)
    if (fate === undefined || fate.answersLeft === 0) return
    fate.answersLeft--
    if (fate.answersLeft === 0) this.#endAfter(this.#options.random.below(ANSWER_MS), leader)
  }

  #endAfter(ms: number, leader: NodeId): void {
    const { time, network, crash } = this.#options
    time.after(ms, () => {
      network.heal()
      crash(leader)
    })
  }
}

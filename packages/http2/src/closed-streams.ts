/** So many are remembered: what comes for others is from long ago. */
const REMEMBERED = 128

/** How a stream ended that frames still come for. */
export type Ending = 'ended' | 'reset' | 'resetByClient' | 'forgotten'

/** The streams that were closed last: what a client may still send for one depends on how it ended. */
export class ClosedStreams {
  readonly #ids = new Uint32Array(REMEMBERED)
  readonly #endings = new Array<Ending>(REMEMBERED).fill('forgotten')
  #next = 0

  add(streamId: number, ending: Ending): void {
    this.#ids[this.#next] = streamId
    this.#endings[this.#next] = ending
    this.#next = (this.#next + 1) % REMEMBERED
  }

  endingOf(streamId: number): Ending {
    return this.#endings[this.#ids.indexOf(streamId)] ?? 'forgotten'
  }
}

/**
 * The messages with entries that a follower has not answered (thesis, 10.2.1: pipelining). An
 * answer for an index answers all before it, so a queue is enough.
 */
export class Inflights {
  private readonly queue: { readonly lastIndex: number; readonly bytes: number }[] = []
  private oldest = 0
  private bytes = 0

  constructor(
    private readonly maxMessages: number,
    private readonly maxBytes: number,
  ) {}

  get count(): number {
    return this.queue.length - this.oldest
  }

  get isFull(): boolean {
    return this.count >= this.maxMessages || this.bytes >= this.maxBytes
  }

  /** Only when it isn't full, and with growing indexes. */
  add(lastIndex: number, bytes: number): void {
    this.queue.push({ lastIndex, bytes })
    this.bytes += bytes
  }

  /** The follower has everything up to `index`. */
  freeUpTo(index: number): void {
    for (let next = this.queue[this.oldest]; next !== undefined && next.lastIndex <= index; ) {
      this.bytes -= next.bytes
      next = this.queue[++this.oldest]
    }
    this.dropAnswered()
  }

  /** Seldom enough that each message is moved once, on average. */
  private dropAnswered(): void {
    if (this.oldest * 2 < this.queue.length) return
    this.queue.splice(0, this.oldest)
    this.oldest = 0
  }

  clear(): void {
    this.queue.length = 0
    this.oldest = 0
    this.bytes = 0
  }
}

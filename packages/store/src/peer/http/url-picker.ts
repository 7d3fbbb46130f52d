/** Which of a peer's URLs to use: the one that worked last. */
export class UrlPicker {
  #urls: readonly string[]
  #place = 0

  constructor(urls: readonly string[]) {
    this.#urls = urls
  }

  get current(): string {
    return this.#urls[this.#place] ?? ''
  }

  update(urls: readonly string[]): void {
    this.#urls = urls
    this.#place = 0
  }

  /** The next one's turn, unless somebody has moved on already. */
  unreachable(url: string): void {
    if (url === this.current && this.#urls.length > 0) {
      this.#place = (this.#place + 1) % this.#urls.length
    }
  }
}

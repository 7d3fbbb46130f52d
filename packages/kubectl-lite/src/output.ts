/** Where a command prints. Handed in, so that a test can read what was printed. */
export interface Output {
  // Functions and not methods: they are handed on without their object.
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Whether standard output is a terminal: only then are there colours. */
  readonly isTTY: boolean
}

/** Collects everything; for tests. */
export class RecordedOutput implements Output {
  out = ''
  err = ''
  readonly isTTY = false

  readonly stdout = (text: string): void => {
    this.out += text
  }

  readonly stderr = (text: string): void => {
    this.err += text
  }
}

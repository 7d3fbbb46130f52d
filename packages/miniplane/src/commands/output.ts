import { createColors } from 'picocolors'
import type { Paint } from '../flow/print-flow.js'

/** Where a command speaks: lines for people, errors apart from them. */
export interface Output {
  readonly paint: Paint
  line(text: string): void
  error(text: string): void
}

/** Standard output and error; coloured on a terminal only. */
export function processOutput(): Output {
  return {
    paint: createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined),
    line: (text) => void process.stdout.write(`${text}\n`),
    error: (text) => void process.stderr.write(`miniplane: ${text}\n`),
  }
}

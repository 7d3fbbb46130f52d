/**
 * Lays out tab-separated text in columns as Go's text/tabwriter does: a column is a run of
 * consecutive lines that have a cell there; what follows a line's last tab belongs to no column.
 */
export interface TabWriterOptions {
  /** Least width of a column, padding included. */
  readonly minWidth: number
  readonly padding: number
  /** Columns never get narrower than in what was flushed before. */
  readonly remember?: boolean
}

/** What `get` and its like use. */
export const GET_LAYOUT: TabWriterOptions = { minWidth: 6, padding: 3, remember: true }
/** What `describe` uses. */
export const DESCRIBE_LAYOUT: TabWriterOptions = { minWidth: 0, padding: 2 }

export class TabWriter {
  readonly #options: TabWriterOptions
  readonly #print: (text: string) => void
  #text = ''
  #widest: number[] = []

  constructor(options: TabWriterOptions, print: (text: string) => void) {
    this.#options = options
    this.#print = print
  }

  write(text: string): void {
    this.#text += text
  }

  /** Prints what was written since the last flush. */
  flush(): void {
    if (this.#text === '') return
    const laidOut = new Layout(this.#options, this.#widest).format(this.#text)
    this.#text = ''
    this.#print(laidOut)
  }

  forgetWidths(): void {
    this.#widest = []
  }
}

class Layout {
  readonly #lines: string[][] = []
  #output = ''
  readonly #widths: number[] = []

  constructor(
    readonly options: TabWriterOptions,
    readonly widest: number[],
  ) {}

  format(text: string): string {
    for (const line of text.split('\n')) this.#lines.push(line.split('\t'))
    this.#block(0, this.#lines.length)
    // The last line's newline was the text's own.
    return this.#output.slice(0, -1)
  }

  #block(first: number, end: number): void {
    const column = this.#widths.length
    let printed = first
    for (let at = first; at < end; at++) {
      if (!this.#hasCell(at, column)) continue
      this.#print(printed, at)
      let blockEnd = at
      let width = this.options.minWidth
      while (blockEnd < end && this.#hasCell(blockEnd, column)) {
        width = Math.max(width, length(this.#lines[blockEnd]?.[column]) + this.options.padding)
        blockEnd++
      }
      this.#widths.push(this.#remembered(column, width))
      this.#block(at, blockEnd)
      this.#widths.pop()
      printed = blockEnd
      at = blockEnd
    }
    this.#print(printed, end)
  }

  #hasCell(line: number, column: number): boolean {
    return column < (this.#lines[line]?.length ?? 0) - 1
  }

  #remembered(column: number, width: number): number {
    if (!this.options.remember) return width
    const widest = Math.max(width, this.widest[column] ?? 0)
    this.widest[column] = widest
    return widest
  }

  #print(first: number, end: number): void {
    for (let at = first; at < end; at++) {
      const cells = this.#lines[at] ?? []
      this.#output += cells.map((cell, i) => pad(cell, this.#widths[i])).join('')
      this.#output += '\n'
    }
  }
}

/** In characters, not in UTF-16 units. */
const length = (cell = ''): number => {
  let count = 0
  for (const _ of cell) count++
  return count
}

const pad = (cell: string, width: number | undefined): string =>
  width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - length(cell)))

/** The text laid out in one go. */
export function layOut(options: TabWriterOptions, text: string): string {
  let result = ''
  const writer = new TabWriter(options, (laidOut) => {
    result += laidOut
  })
  writer.write(text)
  writer.flush()
  return result
}

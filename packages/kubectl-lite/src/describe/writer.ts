/**
 * Collects what a describer writes: lines with tabs between their columns, indented by level. The
 * columns are laid out when all is written.
 */
export class DescribeWriter {
  text = ''

  /** A line; its text may hold more than one, and only the first is indented. */
  line(level: number, text: string): void {
    this.text += `${'  '.repeat(level)}${text}\n`
  }

  /** `Title:` and a value. */
  field(title: string, value: string | number | boolean | undefined, level = 0): void {
    this.line(level, `${title}:\t${value ?? ''}`)
  }

  raw(text: string): void {
    this.text += text
  }
}

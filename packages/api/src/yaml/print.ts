import { compareYamlKeys } from './key-order.js'
import { printScalar } from './print-scalar.js'

/**
 * A value as sigs.k8s.io/yaml prints it: sorted keys, list items at the column of their key, and
 * strings quoted where YAML 1.1 would read something else. Ends with a newline.
 */
export function toYaml(value: unknown): string {
  const printer = new Printer()
  // What JSON can't say (undefined, toJSON) is settled as JSON settles it.
  printer.node(JSON.parse(JSON.stringify(value ?? null)), 0, false)
  return printer.text
}

type JsonObject = Readonly<Record<string, unknown>>

/** A longer key, or one with a line break, is written after a question mark. */
const SIMPLE_KEY_BYTES_MAX = 128

class Printer {
  text = ''

  /**
   * Writes `value` after what stands on the line; `indent` is the column of the parts of a
   * collection, `inSequence` that the value follows a dash.
   */
  node(value: unknown, indent: number, inSequence: boolean): void {
    if (Array.isArray(value)) {
      if (value.length === 0) this.#scalarText('[]')
      else this.#sequence(value, indent, inSequence)
    } else if (typeof value === 'object' && value !== null) {
      if (Object.keys(value).length === 0) this.#scalarText('{}')
      else this.#mapping(value as JsonObject, indent, inSequence)
    } else {
      this.#space()
      this.text += printScalar(value, indent, this.#column(), false)
      if (!this.text.endsWith('\n')) this.text += '\n'
    }
  }

  #scalarText(text: string): void {
    this.#space()
    this.text += `${text}\n`
  }

  #space(): void {
    if (this.text !== '' && !/[\s]$/.test(this.text)) this.text += ' '
  }

  #column(): number {
    return this.text.length - (this.text.lastIndexOf('\n') + 1)
  }

  #sequence(items: readonly unknown[], indent: number, startsHere: boolean): void {
    let here = startsHere
    if (!here && this.text !== '') this.#newLine()
    for (const item of items) {
      if (!here) this.text += ' '.repeat(indent)
      this.text += '- '
      this.node(item, indent + 2, true)
      here = false
    }
  }

  #mapping(source: JsonObject, indent: number, startsHere: boolean): void {
    let here = startsHere
    if (!here && this.text !== '') this.#newLine()
    for (const key of Object.keys(source).sort(compareYamlKeys)) {
      if (!here) this.text += ' '.repeat(indent)
      here = false
      this.#key(key, indent)
      const value = source[key]
      // Items of a list stand at the column of its key.
      this.node(value, Array.isArray(value) ? indent : indent + 2, false)
    }
  }

  #key(key: string, indent: number): void {
    const isSimple = Buffer.byteLength(key) <= SIMPLE_KEY_BYTES_MAX && !key.includes('\n')
    if (isSimple) {
      this.text += `${printScalar(key, indent, 0, true)}:`
      return
    }
    this.text += '? '
    this.text += printScalar(key, indent + 2, indent + 2, false)
    this.#newLine()
    this.text += `${' '.repeat(indent)}:`
  }

  #newLine(): void {
    if (!this.text.endsWith('\n')) this.text += '\n'
  }
}

/** Several documents with `---` between them. */
export function toYamlStream(values: readonly unknown[]): string {
  return values.map(toYaml).join('---\n')
}

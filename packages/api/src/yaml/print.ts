import { encodeJsonText } from '../json/encode.js'
import { parseEncodedJson } from '../json/parse.js'
import { compareYamlKeys } from './key-order.js'
import { printScalar } from './print-scalar.js'

/**
 * A value as sigs.k8s.io/yaml prints it: sorted keys, list items at the column of their key, and
 * strings quoted where YAML 1.1 would read something else. Ends with a newline.
 */
export function toYaml(value: unknown): string {
  const printer = new Printer()
  // What JSON can't say (undefined, toJSON) is settled as JSON settles it.
  printer.node(parseEncodedJson(encodeJsonText(value ?? null)), 0, false)
  return printer.text
}

type JsonObject = Readonly<Record<string, unknown>>

/** A longer key, or one with a line break, is written after a question mark. */
const SIMPLE_KEY_BYTES_MAX = 128

class Printer {
  readonly #parts: string[] = []
  /** Of the line at hand; 0 at its beginning. */
  #column = 0
  /** What stands last on the line wants a space before a value. */
  #wantsSpace = false

  get text(): string {
    return this.#parts.join('')
  }

  /**
   * Writes `value` after what stands on the line; `indent` is the column of the parts of a
   * collection, `inSequence` that the value follows a dash.
   */
  node(value: unknown, indent: number, inSequence: boolean): void {
    if (Array.isArray(value)) {
      if (value.length === 0) this.#scalar('[]')
      else this.#sequence(value, indent, inSequence)
    } else if (typeof value === 'object' && value !== null) {
      if (Object.keys(value).length === 0) this.#scalar('{}')
      else this.#mapping(value as JsonObject, indent, inSequence)
    } else {
      const column = this.#column + (this.#wantsSpace ? 1 : 0)
      this.#scalar(printScalar(value, indent, column, false))
    }
  }

  #scalar(text: string): void {
    this.#write(this.#wantsSpace ? ` ${text}` : text)
    if (text.endsWith('\n')) this.#column = 0
    else this.#newLine()
    this.#wantsSpace = false
  }

  #sequence(items: readonly unknown[], indent: number, startsHere: boolean): void {
    if (!startsHere) this.#newLine()
    for (const item of items) {
      if (this.#column === 0) this.#write(' '.repeat(indent))
      this.#write('- ')
      this.node(item, indent + 2, true)
    }
  }

  #mapping(source: JsonObject, indent: number, startsHere: boolean): void {
    if (!startsHere) this.#newLine()
    for (const key of Object.keys(source).sort(compareYamlKeys)) {
      if (this.#column === 0) this.#write(' '.repeat(indent))
      this.#key(key, indent)
      const value = source[key]
      // Items of a list stand at the column of its key.
      this.node(value, Array.isArray(value) ? indent : indent + 2, false)
    }
  }

  #key(key: string, indent: number): void {
    const isSimple = Buffer.byteLength(key) <= SIMPLE_KEY_BYTES_MAX && !key.includes('\n')
    if (isSimple) {
      this.#write(`${printScalar(key, indent, 0, true)}:`)
    } else {
      this.#write('? ')
      this.#scalar(printScalar(key, indent + 2, indent + 2, false))
      this.#write(`${' '.repeat(indent)}:`)
    }
    this.#wantsSpace = true
  }

  #write(text: string): void {
    this.#parts.push(text)
    this.#column += text.length
  }

  #newLine(): void {
    this.#wantsSpace = false
    if (this.#column === 0) return
    this.#parts.push('\n')
    this.#column = 0
  }
}

/** Several documents with `---` between them. */
export function toYamlStream(values: readonly unknown[]): string {
  return values.map(toYaml).join('---\n')
}

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KubeObject } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { openFault } from '../errors/file-fault.js'
import { JsonPath } from '../jsonpath/evaluate.js'
import { showValue } from './go-value.js'
import { itemsOf } from './print-flags.js'
import { GET_LAYOUT, TabWriter } from './tab-writer.js'

interface Column {
  readonly title: string
  readonly path: JsonPath
}

/** `-o custom-columns=NAME:.metadata.name,…` */
export class CustomColumnsPrinter {
  readonly #columns: readonly Column[]
  readonly #noHeaders: boolean
  #titled = false
  readonly #writer: TabWriter

  constructor(columns: readonly Column[], noHeaders: boolean, print: (text: string) => void) {
    this.#columns = columns
    this.#noHeaders = noHeaders
    this.#writer = new TabWriter(GET_LAYOUT, print)
  }

  /** Prints an object, or the items of a list, and the titles once. */
  print(object: KubeObject): void {
    if (!this.#noHeaders && !this.#titled) this.#line(this.#columns.map(({ title }) => title))
    this.#titled = true
    for (const item of itemsOf(object)) {
      this.#line(this.#columns.map(({ path }) => cellOf(path.find(item))))
    }
    this.#writer.flush()
  }

  #line(cells: readonly string[]): void {
    this.#writer.write(`${cells.join('\t')}\n`)
  }
}

function cellOf(results: readonly unknown[][]): string {
  const [values = []] = results
  if (values.length === 0) return '<none>'
  return values
    .map((value) => (value === null || value === undefined ? '<none>' : showValue(value)))
    .join(',')
}

/** Reads `TITLE:path,TITLE:path`. Throws kubectl's complaints. */
export function parseColumns(spec: string): Column[] {
  if (spec === '') {
    throw new CommandError('custom-columns format specified but no custom columns given')
  }
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) {
      throw new CommandError(
        `unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`,
      )
    }
    const path = relaxedPath(part.slice(colon + 1))
    return { title: part.slice(0, colon), path: new JsonPath(path, { allowMissingKeys: true }) }
  })
}

/** `-o custom-columns-file`: a line of titles above a line of paths. */
export function columnsFromFile(name: string, folder: string): Column[] {
  if (name === '')
    throw new CommandError('custom-columns format specified but no custom columns given')
  let text: string
  try {
    text = readFileSync(resolve(folder, name), 'utf8')
  } catch (error) {
    throw new CommandError(`error reading template ${name}, ${openFault(name, error)}`)
  }
  const [titles = [], paths = []] = text.split('\n').map((line) => line.trim().split(/\s+/))
  if (titles.length !== paths.length || titles[0] === '') {
    throw new CommandError(
      `number of headers and paths do not match: ${titles.join(' ')} and ${paths.join(' ')}`,
    )
  }
  return titles.map((title, i) => ({
    title,
    path: new JsonPath(relaxedPath(paths[i] ?? ''), { allowMissingKeys: true }),
  }))
}

/** Accepts `x.y`, `.x.y` and `{x.y}` for `{.x.y}`. Throws when the braces don't fit. */
export function relaxedPath(text: string): string {
  if (text === '') return ''
  const match = /^\{?\.?([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}?$/s.exec(text)
  if (!match || text.startsWith('{') !== text.endsWith('}')) {
    throw new CommandError(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    )
  }
  return `{.${match[1]}}`
}

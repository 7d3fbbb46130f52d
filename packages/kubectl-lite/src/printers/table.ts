import type { KubeObject } from '@miniplane/api'
import { NO_VALUE_TEXT, showValue } from './go-value.js'
import type { TabWriter } from './tab-writer.js'

export interface TableColumn {
  readonly name: string
  readonly type?: string
  readonly format?: string
  /** Above 0: only with `-o wide`. */
  readonly priority?: number
}

export interface TableRow {
  readonly cells: readonly unknown[]
  readonly object?: KubeObject
}

/** The server's answer to a request for a table (meta.k8s.io/v1 Table). */
export interface Table {
  readonly kind: 'Table'
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  readonly columnDefinitions: readonly TableColumn[]
  readonly rows: readonly TableRow[]
}

export const isTable = (value: unknown): value is Table =>
  (value as { kind?: unknown } | null)?.kind === 'Table'

export interface TableOptions {
  readonly wide?: boolean
  readonly noHeaders?: boolean
  readonly withNamespace?: boolean
  /** `deployment.apps`, put before names. */
  readonly kind?: string
  readonly showLabels?: boolean
  readonly labelColumns?: readonly string[]
}

/** Prints tables of one resource one after another; titles come once. */
export class TablePrinter {
  readonly #options: TableOptions
  readonly #writer: TabWriter
  #columns: readonly TableColumn[] = []
  #titled = false

  constructor(options: TableOptions, writer: TabWriter) {
    this.#options = options
    this.#writer = writer
  }

  print(table: Table): void {
    // Later events of a watch leave the columns out.
    const columns = table.columnDefinitions ?? []
    if (columns.length > 0 && JSON.stringify(columns) !== JSON.stringify(this.#columns)) {
      this.#columns = columns
      this.#titled = false
    }
    const rows = table.rows ?? []
    if (rows.length === 0) return
    const shown = decorate(this.#columns, rows, this.#options)
    if (!this.#options.noHeaders && !this.#titled) this.#line(shown.titles)
    this.#titled = true
    for (const cells of shown.rows) this.#line(cells)
  }

  #line(cells: readonly string[]): void {
    this.#writer.write(`${cells.join('\t')}\n`)
  }
}

interface Shown {
  readonly titles: string[]
  readonly rows: string[][]
}

function decorate(
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  options: TableOptions,
): Shown {
  const visible = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => options.wide || !column.priority)
  const before = options.withNamespace ? ['NAMESPACE'] : []
  const after = (options.labelColumns ?? []).map(labelTitle)
  if (options.showLabels) after.push('LABELS')
  const nameAt = columns.findIndex(({ name, format }) => format === 'name' || name === 'Name')
  return {
    titles: [...before, ...visible.map(({ column }) => column.name.toUpperCase()), ...after],
    rows: rows.map((row) => [
      ...(options.withNamespace ? [row.object?.metadata?.namespace ?? ''] : []),
      ...visible.map(({ index }) => {
        const text = cellText(row.cells[index])
        return index === nameAt && options.kind ? `${options.kind}/${text}` : text
      }),
      ...labelCells(row, options),
    ]),
  }
}

const labelTitle = (label: string): string => label.slice(label.lastIndexOf('/') + 1).toUpperCase()

function labelCells(row: TableRow, options: TableOptions): string[] {
  const labels = row.object?.metadata?.labels ?? {}
  const cells = (options.labelColumns ?? []).map((label) => labels[label] ?? '')
  return options.showLabels ? [...cells, formatLabels(labels)] : cells
}

/** `a=b,c=d` in the order of the names, or `<none>`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',')
}

/** Only the first line of a cell is shown; control characters are spelled out. */
function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return showValue(cell) || NO_VALUE_TEXT
  const end = cell.search(/[\f\n\r]/)
  const line = end < 0 ? cell : `${cell.slice(0, end)}...`
  return line.replaceAll('\u001b', '^[')
}

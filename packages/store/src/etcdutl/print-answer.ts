import { CommandError, ExitCode, type Output } from './command.js'

/** One answer in every format that can be asked for. */
export interface Answer {
  /** Titles and cells of its only row. */
  readonly table: readonly (readonly [title: string, cell: string])[]
  readonly fields: readonly (readonly [name: string, value: number | string])[]
  readonly json: unknown
}

/** Prints it as `--write-out` says. */
export function printAnswer({ table, fields, json }: Answer, format: string, out: Output): void {
  if (format === 'simple') out.line(table.map(([, cell]) => cell).join(', '))
  else if (format === 'json') out.line(JSON.stringify(json))
  else if (format === 'table') printTable(table, out)
  else if (format === 'fields') {
    for (const [name, value] of fields) out.line(`"${name}" : ${value}`)
  } else throw new CommandError('unsupported output format', ExitCode.badFeature)
}

/** Titles stand in the middle, cells to the right, as etcd's tables have them. */
function printTable(table: Answer['table'], out: Output): void {
  const widths = table.map(([title, cell]) => Math.max(title.length, cell.length))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const centered = (title: string, width: number): string =>
    title.padStart(title.length + Math.floor((width - title.length) / 2)).padEnd(width)
  out.line(rule)
  out.line(row(table.map(([title], i) => centered(title.toUpperCase(), widths[i] as number))))
  out.line(rule)
  out.line(row(table.map(([, cell], i) => cell.padStart(widths[i] as number))))
  out.line(rule)
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** In powers of 1000, with two digits at least. */
export function humanBytes(bytes: number): string {
  if (bytes < 10) return `${bytes} B`
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10
  return `${value < 10 ? value.toFixed(1) : halfToEven(value)} ${UNITS[power]}`
}

/** As Go rounds what it prints: 20.5 is 20, 21.5 is 22. */
const halfToEven = (value: number): number =>
  value % 1 === 0.5 ? 2 * Math.round(value / 2) : Math.round(value)

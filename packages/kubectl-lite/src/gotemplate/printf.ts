import { quote, showSource, showValue } from '../printers/go-value.js'

/** Go's `Sprintf` for values that were decoded from JSON. */
export function formatGo(format: string, args: readonly unknown[]): string {
  let at = 0
  return format.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (at >= args.length) return `%!${verb}(MISSING)`
      const text = formatOne(verb, flags, precision, args[at++])
      const size = Number(width ?? 0)
      if (flags.includes('-')) return text.padEnd(size)
      return text.padStart(size, flags.includes('0') ? '0' : ' ')
    },
  )
}

function formatOne(
  verb: string,
  flags: string,
  precision: string | undefined,
  value: unknown,
): string {
  switch (verb) {
    case 'v':
      return flags.includes('#') ? showSource(value) : showValue(value)
    case 's':
      return precision === undefined
        ? showValue(value)
        : showValue(value).slice(0, Number(precision))
    case 'd':
      return String(Math.trunc(Number(value)))
    case 'q':
      return quote(String(value))
    case 't':
      return String(Boolean(value))
    case 'x':
      return Number(value).toString(16)
    case 'f':
      return Number(value).toFixed(Number(precision ?? 6))
    default:
      return `%!${verb}(${showValue(value)})`
  }
}

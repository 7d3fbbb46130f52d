import { stringifyJson, toYaml } from '@miniplane/api'
import { quote, sortedEntries } from './go-value.js'

/**
 * JSON with four spaces. Objects that came from the server are maps to kubectl, so their keys are
 * sorted; objects it built itself keep the order of their fields.
 */
export function jsonText(value: unknown, keepOrder = false): string {
  return `${escapeHtml(stringifyJson(keepOrder ? value : sortKeys(value), 4))}\n`
}

export const compactJson = (value: unknown): string => escapeHtml(stringifyJson(sortKeys(value)))

export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(sortedEntries(value).map(([key, part]) => [key, sortKeys(part)]))
}

/** Go's encoder writes these three as escapes. */
export const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${code}`
  })

export const yamlText = (value: unknown): string => toYaml(value)

const PLAIN_KEY = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_./-]*[\p{L}\p{N}_])?$/u
/** What a reader of YAML may take for no text: words, numbers, times. */
const AMBIGUOUS_KEY =
  /^(?:y|yes|n|no|on|off|true|false|t|f|null|0x[\da-f_]+|[\d_]+(?:\.[\d_]*)?(?:e[\d_]+)?|\d+(?:-\d+){2}|nan|inf|infinity)$/i

/** KYAML: YAML with braces, quoted strings and trailing commas, so that no scalar is a surprise. */
export function kyamlText(value: unknown): string {
  return `---\n${kyamlValue(value, '')}\n`
}

function kyamlValue(value: unknown, indent: string): string {
  if (typeof value === 'string') return kyamlString(value, indent)
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    if (value.every((item) => typeof item === 'object' && item !== null)) {
      return `[${value.map((item) => kyamlValue(item, indent)).join(', ')}]`
    }
    return `[\n${value.map((item) => `${inner}${kyamlValue(item, inner)},\n`).join('')}${indent}]`
  }
  const entries = sortedEntries(value)
  if (entries.length === 0) return '{}'
  const lines = entries.map(
    ([key, part]) => `${inner}${kyamlKey(key)}: ${kyamlValue(part, inner)},\n`,
  )
  return `{\n${lines.join('')}${indent}}`
}

const kyamlKey = (key: string): string =>
  PLAIN_KEY.test(key) && !AMBIGUOUS_KEY.test(key) ? key : quote(key)

/** Text of several lines is folded, each line set one column in, so that blanks at its head stand. */
function kyamlString(text: string, indent: string): string {
  if (!text.includes('\n')) return quote(text)
  const around = `${indent}  `
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const folded = [...lines.map((line) => [line, '\\n'] as const), [last, ''] as const]
    .filter(([line, end]) => line !== '' || end !== '')
    .map(([line, end]) => {
      const escaped = quote(line).slice(1, -1).replaceAll('\\t', '\t')
      return `${around}${/^\s/.test(line) ? '\\' : ' '}${escaped}${end}\\\n`
    })
  return `"\\\n${folded.join('')}${around}"`
}

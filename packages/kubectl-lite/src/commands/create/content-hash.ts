import { createHash } from 'node:crypto'
import { escapeHtml } from '../../printers/object-text.js'

/** Digits and letters that could make a word that somebody takes amiss, and what stands for them. */
const REPLACED: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' }
const CHARACTERS = 10

/** `name-bht52k754d`: a name for this content alone, so that other content gets another object. */
export function hashedName(name: string, content: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(content).sort()
  const entries = keys.map((key) => [key, sorted(content[key])])
  const text = escapeHtml(JSON.stringify(Object.fromEntries(entries)))
  const digest = createHash('sha256').update(text).digest('hex')
  const short = [...digest.slice(0, CHARACTERS)].map((one) => REPLACED[one] ?? one).join('')
  return `${name}-${short}`
}

/** Go writes maps by their keys. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

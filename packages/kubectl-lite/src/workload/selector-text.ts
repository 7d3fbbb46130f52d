import type { LabelSelector } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'

/** A selector as kubectl shows it: `app=web,tier in (a,b)`; `<none>` when it selects all. */
export function selectorText(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
  const others = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = [...values].sort().join(',')
    if (operator === 'In') return `${key} in (${list})`
    if (operator === 'NotIn') return `${key} notin (${list})`
    return operator === 'Exists' ? key : `!${key}`
  })
  const parts = [...equal, ...others]
  return parts.length === 0 ? '<none>' : parts.join(',')
}

/** `app=web,tier=a` as a selector object; only equality can be written this way. */
export function labelSelectorObject(text: string): LabelSelector {
  return { matchLabels: parseLabels(text) }
}

/** `a=b,c=d`. Throws for anything else. */
export function parseLabels(text: string): Record<string, string> {
  const pairs = text
    .split(',')
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const [key = '', value, ...more] = part.split('=')
      if (value === undefined || more.length > 0) {
        throw new CommandError(`unexpected label spec: ${part}`)
      }
      return [key.trim(), value.trim()]
    })
  return Object.fromEntries(pairs)
}

import { type LabelSelector, parseLabelSelector, SelectorError } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'

/** A selector as kubectl shows it: `app=web,tier in (a,b)`; `<none>` when it selects all. */
export function selectorText(selector: LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]): [string, string] => [key, `${key}=${value}`],
  )
  const others = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }): [string, string] => {
      const list = [...values].sort().join(',')
      if (operator === 'In') return [key, `${key} in (${list})`]
      if (operator === 'NotIn') return [key, `${key} notin (${list})`]
      return [key, operator === 'Exists' ? key : `!${key}`]
    },
  )
  const parts = [...equal, ...others].sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1))
  return parts.length === 0 ? '<none>' : parts.map(([, text]) => text).join(',')
}

const OPERATORS = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist' }

/** `app=web,tier in (a,b)` as a selector object. */
export function labelSelectorObject(text: string): LabelSelector {
  const selector: { matchLabels?: Record<string, string>; matchExpressions?: Expression[] } = {}
  for (const { key, operator, values } of requirementsOf(text)) {
    if (operator === '=' || operator === '==') {
      selector.matchLabels = { ...selector.matchLabels, [key]: values[0] ?? '' }
    } else if (operator === '!=' || operator === 'gt' || operator === 'lt') {
      throw new CommandError(`"${operator}" is not a valid label selector operator`)
    } else {
      const expression = {
        key,
        operator: OPERATORS[operator],
        ...(values.length > 0 && { values }),
      }
      selector.matchExpressions = [...(selector.matchExpressions ?? []), expression as Expression]
    }
  }
  return selector
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function requirementsOf(text: string) {
  try {
    return parseLabelSelector(text).requirements
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error
    throw new CommandError(
      `couldn't parse the selector string ${JSON.stringify(text)}: ${error.message}`,
    )
  }
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

import type { LabelSelector } from '../generated/types/index.js'
import type { FieldError, FieldPath } from '../machinery/field-error.js'
import { invalidValue, notSupported } from '../machinery/field-errors.js'
import { goQuote } from '../machinery/go-quote.js'
import { aggregate } from '../machinery/status.js'
import { isQualifiedName, isValidLabelValue } from '../validation/names.js'

export type Labels = Readonly<Record<string, string>>

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt'

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  /** Sorted, without repeats. */
  readonly values: readonly string[]
}

/** A text or an object that is no selector; the message is Kubernetes'. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

/** What a label selector comes to: all its requirements hold. Immutable. */
export class LabelMatcher {
  static readonly everything = new LabelMatcher([])
  static readonly nothing = new LabelMatcher([], true)

  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[]
  readonly #nothing: boolean

  constructor(requirements: readonly LabelRequirement[], nothing = false) {
    this.requirements = requirements.toSorted((a, b) => compareText(a.key, b.key))
    this.#nothing = nothing
  }

  /** Whether it matches whatever labels there are. */
  get isEverything(): boolean {
    return this.requirements.length === 0 && !this.#nothing
  }

  get isNothing(): boolean {
    return this.#nothing
  }

  matches(labels: Labels | null | undefined): boolean {
    if (this.#nothing) return false
    for (const requirement of this.requirements)
      if (!meets(labels ?? NO_LABELS, requirement)) return false
    return true
  }

  /** The value that the selector demands for `key`, when it allows just one. */
  exactValue(key: string): string | undefined {
    const requirement = this.requirements.find((each) => each.key === key)
    if (!requirement || !['=', '==', 'in'].includes(requirement.operator)) return undefined
    return requirement.values.length === 1 ? requirement.values[0] : undefined
  }

  /** The text form; parsing it gives an equal selector. */
  toString(): string {
    return this.requirements.map(requirementText).join(',')
  }
}

const NO_LABELS: Labels = {}

function meets(labels: Labels, { key, operator, values }: LabelRequirement): boolean {
  const has = Object.hasOwn(labels, key)
  const value = has ? (labels[key] ?? '') : ''
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return has && values.includes(value)
    case '!=':
    case 'notin':
      return !has || !values.includes(value)
    case 'exists':
      return has
    case '!':
      return !has
    case 'gt':
    case 'lt':
      return has && isBeyond(value, operator, values[0] ?? '')
    default:
      return operator satisfies never
  }
}

const INTEGER = /^[+-]?\d+$/

function isBeyond(value: string, operator: 'gt' | 'lt', bound: string): boolean {
  if (!INTEGER.test(value) || !INTEGER.test(bound)) return false
  return operator === 'gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    default:
      return `${key}${operator}${values[0]}`
  }
}

/** Bytewise order of ASCII text, as Go compares strings. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A requirement that holds what it must; throws `SelectorError` with all that is wrong. */
export function labelRequirement(
  key: string,
  operator: LabelOperator,
  values: Iterable<string>,
): LabelRequirement {
  const sorted = [...new Set(values)].sort(compareText)
  const errors = [
    ...labelKeyErrors(key),
    ...countErrors(operator, sorted),
    ...sorted.flatMap((value, i) => {
      const detail = isValidLabelValue(value).join('; ')
      return detail ? [invalidValue(`values[${i}][${key}]`, value, detail)] : []
    }),
  ]
  if (errors.length > 0)
    throw new SelectorError(aggregate(errors.map(({ field, message }) => `${field}: ${message}`)))
  return { key, operator, values: sorted }
}

/** What the parser says of a key on its own has no path. */
export function labelKeyErrors(key: string, path: FieldPath | string = 'key'): FieldError[] {
  const detail = isQualifiedName(key).join('; ')
  return detail ? [invalidValue(path, key, detail)] : []
}

function countErrors(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const wrong = (detail: string) => [invalidValue('values', values, detail)]
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0
        ? []
        : wrong("for 'in', 'notin' operators, values set can't be empty")
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? [] : wrong('exact-match compatibility requires one single value')
    case 'exists':
    case '!':
      return values.length === 0
        ? []
        : wrong('values set must be empty for exists and does not exist')
    case 'gt':
    case 'lt': {
      if (values.length !== 1)
        return wrong("for 'Gt', 'Lt' operators, exactly one value is required")
      const [value = ''] = values
      const detail = "for 'Gt', 'Lt' operators, the value must be an integer"
      return INTEGER.test(value) ? [] : [invalidValue('values[0]', value, detail)]
    }
    default:
      return [
        notSupported('operator', operator, [
          '!',
          '!=',
          '<',
          '=',
          '==',
          '>',
          'exists',
          'in',
          'notin',
        ]),
      ]
  }
}

const EXPRESSION_OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

/** As `metav1.LabelSelectorAsSelector`: absent selects nothing, empty everything. */
export function labelSelectorFrom(selector: LabelSelector | null | undefined): LabelMatcher {
  if (!selector) return LabelMatcher.nothing
  const { matchLabels, matchExpressions } = selector
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(matchLabels ?? {}))
    requirements.push(labelRequirement(key, '=', [value]))
  for (const { key, operator, values } of matchExpressions ?? []) {
    const known = EXPRESSION_OPERATORS[operator]
    if (!known)
      throw new SelectorError(`${goQuote(operator)} is not a valid label selector operator`)
    requirements.push(labelRequirement(key, known, values ?? []))
  }
  return new LabelMatcher(requirements)
}

/** Demands exactly these labels, as `selector` of a Service or a ReplicationController. */
export function labelsMatcher(labels: Labels | null | undefined): LabelMatcher {
  const pairs = Object.entries(labels ?? {})
  return new LabelMatcher(pairs.map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

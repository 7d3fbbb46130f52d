import { FieldPath } from '../machinery/field-error.js'
import { fieldErrorText } from '../machinery/field-errors.js'
import {
  LabelMatcher,
  type LabelOperator,
  type LabelRequirement,
  labelKeyErrors,
  labelRequirement,
  SelectorError,
} from './label-matcher.js'

type Token = 'identifier' | 'end' | 'error' | '(' | ')' | ',' | '!' | 'in' | 'notin' | BinaryToken
type BinaryToken = '=' | '==' | '!=' | '>' | '<'

interface Item {
  readonly token: Token
  readonly text: string
}

const SYMBOLS = new Set<string>(['(', ')', ',', '!', '=', '==', '!=', '>', '<'])
const BINARY: Partial<Record<Token, LabelOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}

/**
 * Reads `app=web,tier in (a,b),!legacy`. Throws `SelectorError`; the texts are those of the real
 * server, which the caller usually puts after "unable to parse requirement: ".
 */
export function parseLabelSelector(text: string): LabelMatcher {
  return new LabelMatcher(new SelectorParser(lex(text)).parse())
}

function lex(text: string): Item[] {
  const items: Item[] = []
  let position = 0
  while (position < text.length) {
    const character = text[position] ?? ''
    if (/[ \t\r\n]/.test(character)) position++
    else if (/[=!(),<>]/.test(character)) {
      const symbol = symbolAt(text, position)
      items.push({ token: symbol as Token, text: symbol })
      position += symbol.length
    } else {
      const word = /^[^ \t\r\n=!(),<>]+/.exec(text.slice(position))?.[0] ?? character
      const token = word === 'in' || word === 'notin' ? word : 'identifier'
      items.push({ token, text: word })
      position += word.length
    }
  }
  items.push({ token: 'end', text: '' })
  return items
}

/** The longest symbol that begins here. */
function symbolAt(text: string, position: number): string {
  const two = text.slice(position, position + 2)
  return SYMBOLS.has(two) ? two : two.slice(0, 1)
}

class SelectorParser {
  readonly #items: readonly Item[]
  #position = 0

  constructor(items: readonly Item[]) {
    this.#items = items
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const { token, text } = this.#peek()
      if (token === 'end') return requirements
      if (token !== 'identifier' && token !== '!')
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.#requirement())
      const next = this.#next()
      if (next.token === 'end') return requirements
      if (next.token !== ',')
        throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (after.token !== 'identifier' && after.token !== '!')
        throw new SelectorError(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #requirement(): LabelRequirement {
    try {
      return this.#unguardedRequirement()
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error
      throw new SelectorError(`unable to parse requirement: ${error.message}`, { cause: error })
    }
  }

  #unguardedRequirement(): LabelRequirement {
    let key = this.#next()
    const negated = key.token === '!'
    if (negated) key = this.#next()
    if (key.token !== 'identifier')
      throw new SelectorError(`found '${key.text}', expected: identifier`)
    const [error] = labelKeyErrors(key.text, FieldPath.root)
    if (error) throw new SelectorError(fieldErrorText(error))
    const { token } = this.#peek()
    if (negated) return labelRequirement(key.text, '!', [])
    if (token === 'end' || token === ',') return labelRequirement(key.text, 'exists', [])
    const operator = this.#operator()
    const isSet = operator === 'in' || operator === 'notin'
    return labelRequirement(key.text, operator, isSet ? this.#set() : [this.#value()])
  }

  #operator(): LabelOperator {
    // Here `in` and `notin` are operators; everywhere else they are words like any other.
    const item = this.#items[this.#position++] ?? END
    const operator = BINARY[item.token]
    if (operator) return operator
    throw new SelectorError(`found '${item.text}', expected: in, notin, =, ==, !=, gt, lt`)
  }

  #value(): string {
    const { token } = this.#peek()
    if (token === 'end' || token === ',') return ''
    const item = this.#next()
    if (item.token !== 'identifier')
      throw new SelectorError(`found '${item.text}', expected: identifier`)
    return item.text
  }

  #set(): Set<string> {
    const open = this.#next()
    if (open.token !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.token === ')') {
      this.#next()
      return new Set([''])
    }
    if (first.token !== 'identifier' && first.token !== ',')
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`)
    const values = this.#list()
    this.#next()
    return values
  }

  /** Up to the closing parenthesis; a comma without a word next to it stands for an empty value. */
  #list(): Set<string> {
    const values = new Set<string>()
    for (;;) {
      const item = this.#next()
      const following = this.#peek()
      if (item.token === 'identifier') {
        values.add(item.text)
        if (following.token === ')') return values
        if (following.token !== ',')
          throw new SelectorError(`found '${following.text}', expected: ',' or ')'`)
      } else if (item.token === ',') {
        if (values.size === 0) values.add('')
        if (following.token === ')') return values.add('')
        if (following.token === ',') {
          this.#next()
          values.add('')
        }
      } else throw new SelectorError(`found '${item.text}', expected: ',', or identifier`)
    }
  }

  #peek(): Item {
    const item = this.#items[this.#position] ?? END
    if (item.token !== 'in' && item.token !== 'notin') return item
    return { token: 'identifier', text: item.text }
  }

  #next(): Item {
    const item = this.#peek()
    this.#position++
    return item
  }
}

const END: Item = { token: 'end', text: '' }

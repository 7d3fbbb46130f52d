import { showValue } from '../printers/go-value.js'
import { compactJson } from '../printers/object-text.js'
import { type Node, parseJsonPath } from './parse.js'

/** The template does not fit the object; the message is kubectl's. */
export class JsonPathError extends Error {}

export interface JsonPathOptions {
  /** A field that is not there is nothing, and not an error. */
  readonly allowMissingKeys?: boolean
}

/** A parsed template, ready to be applied to objects. */
export class JsonPath {
  readonly template: string
  readonly #nodes: readonly Node[]
  readonly #options: JsonPathOptions

  /** Throws `JsonPathSyntaxError`. */
  constructor(template: string, options: JsonPathOptions = {}) {
    this.template = template
    this.#nodes = parseJsonPath(template)
    this.#options = options
  }

  /** The values of each expression of the template. Throws `JsonPathError`. */
  find(root: unknown): unknown[][] {
    return new Evaluation(this.#options).run(this.#nodes, root)
  }

  /** What the template prints for the object. Throws `JsonPathError`. */
  print(root: unknown): string {
    return this.find(root)
      .map((values) => values.map(valueText).join(' '))
      .join('')
  }
}

/** Objects and lists as JSON, the rest plainly. */
function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? compactJson(value) : showValue(value)
}

class Evaluation {
  readonly #options: JsonPathOptions

  constructor(options: JsonPathOptions) {
    this.#options = options
  }

  run(nodes: readonly Node[], root: unknown): unknown[][] {
    const results: unknown[][] = []
    for (let at = 0; at < nodes.length; at++) {
      const node = nodes[at] as Node
      if (identifierOf(node) === 'range') {
        const end = matchingEnd(nodes, at)
        const body = nodes.slice(at + 1, end)
        const [, ...path] = (node as { nodes: readonly Node[] }).nodes
        for (const item of this.walk(path, [root])) results.push(...this.run(body, item))
        at = end
      } else if (identifierOf(node) === 'end') {
        throw new JsonPathError('not in range, nothing to end')
      } else results.push(this.step(node, [root]))
    }
    return results
  }

  walk(nodes: readonly Node[], values: readonly unknown[]): unknown[] {
    return nodes.reduce<unknown[]>((current, node) => this.step(node, current), [...values])
  }

  step(node: Node, values: readonly unknown[]): unknown[] {
    switch (node.type) {
      case 'text':
        return [node.text]
      case 'list':
        return this.walk(node.nodes, values)
      case 'field':
        return this.#field(node.name, values)
      case 'array':
        return this.#array(node, values)
      case 'filter':
        return this.#filter(node, values)
      case 'literal':
        return values.map(() => node.value)
      case 'wildcard':
        return values.flatMap(children)
      case 'recursive':
        return values.flatMap(descendants)
      case 'union':
        return node.nodes.flatMap((part) => this.step(part, values))
      case 'identifier':
        throw new JsonPathError(`unrecognized identifier ${node.name}`)
      default:
        return node satisfies never
    }
  }

  #field(name: string, values: readonly unknown[]): unknown[] {
    if (name === '') return [...values]
    const results: unknown[] = []
    for (const value of values) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
      const found = (value as Record<string, unknown>)[name]
      if (found !== undefined && Object.hasOwn(value, name)) results.push(found)
    }
    if (results.length === 0 && !this.#options.allowMissingKeys) {
      throw new JsonPathError(`${name} is not found`)
    }
    return results
  }

  #array(node: Extract<Node, { type: 'array' }>, values: readonly unknown[]): unknown[] {
    const results: unknown[] = []
    for (const value of values) {
      if (value === null || value === undefined) continue
      if (!Array.isArray(value)) {
        const isMap = typeof value === 'object'
        if (isMap && node.isSlice && !node.bounds[0].known) {
          results.push(...children(value))
          continue
        }
        throw new JsonPathError(`${showValue(value)} is not array or slice`)
      }
      results.push(...pick(node, value))
    }
    return results
  }

  #filter(node: Extract<Node, { type: 'filter' }>, values: readonly unknown[]): unknown[] {
    return values
      .flatMap((value) => (Array.isArray(value) ? value : []))
      .filter((item) => this.#matches(node, item))
  }

  #matches(node: Extract<Node, { type: 'filter' }>, item: unknown): boolean {
    const lefts = this.#operand(node.left, item)
    if (node.operator === 'exists' || !node.right) return lefts.length > 0
    if (lefts.length === 0) return false
    if (lefts.length > 1) throw new JsonPathError('can only compare one element at a time')
    const rights = this.#operand(node.right, item)
    if (rights.length === 0) return false
    if (rights.length > 1) throw new JsonPathError('can only compare one element at a time')
    return compare(lefts[0], rights[0], node.operator)
  }

  /** Inside a filter a missing field only means that the item does not match. */
  #operand(node: Node, item: unknown): unknown[] {
    return new Evaluation({ allowMissingKeys: true }).step(node, [item])
  }
}

const identifierOf = (node: Node): string | undefined => {
  const first = node.type === 'list' ? node.nodes[0] : undefined
  return first?.type === 'identifier' ? first.name : undefined
}

function matchingEnd(nodes: readonly Node[], start: number): number {
  let depth = 0
  for (let at = start; at < nodes.length; at++) {
    const name = identifierOf(nodes[at] as Node)
    if (name === 'range') depth++
    else if (name === 'end' && --depth === 0) return at
  }
  return nodes.length
}

function pick(node: Extract<Node, { type: 'array' }>, items: readonly unknown[]): unknown[] {
  const [start, end, step] = node.bounds
  const fromEnd = (value: number) => (value < 0 ? value + items.length : value)
  const first = start.known ? fromEnd(start.value) : 0
  if (!node.isSlice) {
    if (first >= items.length || first < 0) {
      throw new JsonPathError(`array index out of bounds: index ${first}, length ${items.length}`)
    }
    return [items[first]]
  }
  const last = end.known ? fromEnd(end.value) : items.length
  if (step.known && step.value <= 0) throw new JsonPathError('step must be > 0')
  const picked: unknown[] = []
  for (let at = Math.max(0, first); at < Math.min(last, items.length); at += step.value || 1) {
    picked.push(items[at])
  }
  return picked
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return []
  const object = value as Record<string, unknown>
  return Object.keys(object)
    .sort()
    .map((key) => object[key])
}

/** The value and everything in it, containers only where they can be looked into. */
function descendants(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...children(value).flatMap(descendants)]
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  const bothNumbers = typeof left === 'number' && typeof right === 'number'
  const bothTexts = typeof left === 'string' && typeof right === 'string'
  if (!bothNumbers && !bothTexts) return false
  const [a, b] = [left as number, right as number]
  if (operator === '<') return a < b
  if (operator === '>') return a > b
  return operator === '<=' ? a <= b : a >= b
}

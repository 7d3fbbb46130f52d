import type { StructSchema } from '../schema/schema.js'
import { goSyntax, goText, goType } from './go-value.js'
import { isMap, type JsonObject } from './kinds-of-value.js'
import { itemKey, ListItemError } from './list-items.js'
import { formatElement, type PathElement, parseElement } from './path-element.js'
import { type Shape, structShape } from './shape.js'

/** An object that is not of its type; the message is the real server's, for all faults together. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError'
  /** One for each fault, such as `.spec.replicas: expected numeric (int or float), got string`. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.length === 1 ? faults[0] : ['errors:', ...faults.map((f) => `  ${f}`)].join('\n'))
    this.faults = faults
  }
}

/**
 * Whether an object can be applied: every field declared and of its type, list items with keys, and
 * no two of them the same. Throws `TypedValueError`.
 */
export function validateApplied(object: unknown, schema: StructSchema): void {
  const validation = new Validation()
  validation.value(object, structShape(schema))
  if (validation.faults.length > 0) throw new TypedValueError(validation.faults)
}

class Validation {
  readonly faults: string[] = []
  readonly #path: PathElement[] = []

  value(value: unknown, shape: Shape): void {
    if (value === null || value === undefined) return
    switch (shape.kind) {
      case 'scalar':
        this.#scalar(value, shape)
        return
      case 'struct':
      case 'map':
        if (isMap(value)) this.#entries(value, shape)
        else this.#fault(`expected map, got ${goText(value)}`)
        return
      case 'list':
        if (Array.isArray(value)) this.#items(value, shape)
        else this.#fault(`expected list, got ${goText(value)}`)
        return
      case 'deduced':
      case 'opaque':
        return
    }
  }

  #scalar(value: unknown, { scalar }: Shape): void {
    if (scalar === 'numeric') {
      if (typeof value !== 'number' && typeof value !== 'bigint')
        this.#fault(`expected numeric (int or float), got ${goType(value)}`)
    } else if (scalar === 'string') {
      if (typeof value !== 'string') this.#fault(`expected string, got ${goSyntax(value)}`)
    } else if (scalar === 'boolean') {
      if (typeof value !== 'boolean') this.#fault(`expected boolean, got ${goText(value)}`)
    } else if (typeof value === 'object') {
      this.#fault(`expected any scalar, got ${goText(value)}`)
    }
  }

  #entries(map: JsonObject, shape: Shape): void {
    for (const name in map) {
      if (map[name] === undefined) continue
      const of = shape.fields.get(name)?.shape ?? shape.of
      this.#path.push({ kind: 'field', name })
      if (of) this.value(map[name], of)
      else this.#fault('field not declared in schema')
      this.#path.pop()
      // The real server, too, looks no further then.
      if (!of) return
    }
  }

  #items(list: readonly unknown[], shape: Shape): void {
    const seen = new Set<string>()
    for (let i = 0; i < list.length; i++) {
      const element = shape.isLeaf
        ? { kind: 'index' as const, index: i }
        : this.#element(list, i, shape, seen)
      if (!element) return
      this.#path.push(element)
      this.value(list[i], shape.of as Shape)
      this.#path.pop()
    }
  }

  /** Undefined when the item has no key: what follows it is not looked at. */
  #element(
    list: readonly unknown[],
    index: number,
    shape: Shape,
    seen: Set<string>,
  ): PathElement | undefined {
    try {
      const key = itemKey(list[index], shape)
      const element = parseElement(key) as PathElement
      if (seen.has(key)) this.#fault(`duplicate entries for key ${formatElement(element)}`)
      seen.add(key)
      return element
    } catch (error) {
      if (!(error instanceof ListItemError)) throw error
      this.#fault(`element ${index}: ${error.message}`)
      return undefined
    }
  }

  #fault(message: string): void {
    const path = this.#path.map(formatElement).join('')
    this.faults.push(path === '' ? message : `${path}: ${message}`)
  }
}

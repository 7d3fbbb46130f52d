import { isEqual } from '../json/equality.js'
import type { StructSchema } from '../schema/schema.js'
import { emptyObject } from './compare-fields.js'
import { asList, asMap, isEmptyMap, type JsonObject } from './kinds-of-value.js'
import { type KeyShape, type Shape, structShape } from './shape.js'

/**
 * All that the ownership of a new object's fields depends on: which fields it has, what tells the
 * items of its lists apart, and where it says no more than an empty object. Objects of one signature
 * have the same fields, so that these have to be found out once. Undefined for objects with anything
 * unusual about them.
 */
export function creationSignature(object: JsonObject, schema: StructSchema): string | undefined {
  const signature = new Signature()
  signature.add(emptyObject(schema), object, structShape(schema))
  return signature.isUsual ? signature.text : undefined
}

class Signature {
  text = ''
  isUsual = true

  /** `before` is what an empty object has there. */
  add(before: unknown, after: unknown, shape: Shape): void {
    if (shape.isLeaf) this.#leaf(before, after)
    else if (shape.kind === 'list') this.#list(before, after, shape)
    else if (shape.kind === 'deduced') this.#deduced(before, after, shape)
    else this.#map(before, asMap(after), after, shape)
  }

  #leaf(before: unknown, after: unknown): void {
    // Most leaves: the name in front says it all.
    if (before !== undefined) this.text += isEqual(before, after) ? '=' : '~'
  }

  #deduced(before: unknown, after: unknown, shape: Shape): void {
    if (before !== undefined) this.isUsual = false
    const map = asMap(after)
    if (map) this.#map(before, map, after, shape)
  }

  #map(before: unknown, map: JsonObject | null, after: unknown, shape: Shape): void {
    const old = asMap(before)
    if (isEmptyMap(map)) {
      this.#leaf(before, after)
      return
    }
    this.text += '('
    for (const name in map) {
      const value = map[name]
      const field = shape.fields.get(name)
      const of = field ? field.shape : shape.of
      if (value === undefined || !of) continue
      this.text += field ? field.key : `${name.length}:${name}`
      this.add(old !== null && Object.hasOwn(old, name) ? old[name] : undefined, value, of)
    }
    this.text += ')'
  }

  #list(before: unknown, after: unknown, shape: Shape): void {
    const list = asList(after) ?? []
    if (asList(before)?.length) this.isUsual = false
    if (list.length === 0) {
      this.#leaf(before, after)
      return
    }
    this.text += '['
    for (const item of list) {
      if (shape.keys.length === 0) this.#key(item)
      else {
        this.#keys(asMap(item), shape.keys)
        this.add(undefined, item, shape.of as Shape)
      }
    }
    this.text += ']'
  }

  #keys(item: JsonObject | null, keys: readonly KeyShape[]): void {
    for (const { name, default: byDefault } of keys)
      this.#key(item !== null && Object.hasOwn(item, name) ? item[name] : byDefault)
  }

  #key(value: unknown): void {
    if (typeof value === 'string') this.text += `${value.length}:${value}`
    else if (typeof value === 'number' || typeof value === 'boolean') this.text += `#${value};`
    else this.isUsual = false
  }
}

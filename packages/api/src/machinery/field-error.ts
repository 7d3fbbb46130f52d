/**
 * Where in an object something is wrong, written as Kubernetes writes it: `spec.ports[0].name`.
 * Validation makes dozens for every object and writes out none when nothing is wrong: the text is
 * put together when somebody asks for it.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined
  readonly #step: string | number
  readonly #isField: boolean

  private constructor(parent: FieldPath | undefined, step: string | number, isField: boolean) {
    this.#parent = parent
    this.#step = step
    this.#isField = isField
  }

  static of(...names: string[]): FieldPath {
    return new FieldPath(undefined, names.join('.'), true)
  }

  /** The object itself. Its text is `<nil>`, as the real server prints it. */
  static readonly root = new FieldPath(undefined, '', true)

  child(name: string, ...more: string[]): FieldPath {
    const path = new FieldPath(this, name, true)
    return more.length === 0 ? path : new FieldPath(path, more.join('.'), true)
  }

  index(position: number): FieldPath {
    return new FieldPath(this, position, false)
  }

  key(key: string): FieldPath {
    return new FieldPath(this, key, false)
  }

  toString(): string {
    return this.#text() || '<nil>'
  }

  #text(): string {
    const before = this.#parent === undefined ? '' : this.#parent.#text()
    if (!this.#isField) return `${before}[${this.#step}]`
    return before === '' ? `${this.#step}` : `${before}.${this.#step}`
  }
}

/** Kubernetes' kinds of field errors; each is a `reason` of a cause in a `Status`. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

/** One thing wrong with one field. `message` is the text without the path in front. */
export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly message: string
}

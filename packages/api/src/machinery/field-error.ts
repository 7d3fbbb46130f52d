/** Where in an object something is wrong, written as Kubernetes writes it: `spec.ports[0].name`. */
export class FieldPath {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  static of(...names: string[]): FieldPath {
    return new FieldPath(names.join('.'))
  }

  /** The object itself. Its text is `<nil>`, as the real server prints it. */
  static readonly root = new FieldPath('')

  child(...names: string[]): FieldPath {
    // A step at a time is what validation does most.
    const tail = names.length === 1 ? (names[0] as string) : names.join('.')
    return new FieldPath(this.#text === '' ? tail : `${this.#text}.${tail}`)
  }

  index(position: number): FieldPath {
    return new FieldPath(`${this.#text}[${position}]`)
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`)
  }

  toString(): string {
    return this.#text === '' ? '<nil>' : this.#text
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

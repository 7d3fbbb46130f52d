import { evaluate, type Scope } from './evaluate.js'
import { parseTemplate } from './parse.js'

export { GoTemplateError } from './evaluate.js'
export { GoTemplateSyntaxError } from './parse.js'

/** Go's text/template as far as `-o go-template` needs it. */
export class GoTemplate {
  readonly #nodes
  readonly #strict: boolean

  /** `strict`: fields that are not there are an error. Throws `GoTemplateSyntaxError`. */
  constructor(text: string, strict = false) {
    this.#strict = strict
    this.#nodes = parseTemplate(text)
  }

  /** What the template prints for the value. Throws `GoTemplateError`. */
  execute(value: unknown): string {
    const scope: Scope = { dot: value, variables: new Map([['$', value]]), strict: this.#strict }
    return evaluate(this.#nodes, scope)
  }
}

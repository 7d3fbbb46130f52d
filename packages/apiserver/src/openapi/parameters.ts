import { namedSchema, type Schema } from '@miniplane/api'
import type { Descriptions } from './descriptions.js'
import type { Parameter } from './operation.js'

/** Fields of options that are no parameters of what takes the options. */
const NOT_IN_QUERY: Readonly<Record<string, readonly string[]>> = {
  deletecollection: ['watch', 'allowWatchBookmarks'],
}

/** The parameters of operations: fields of the options that they take. */
export class Parameters {
  readonly #descriptions: Descriptions

  constructor(descriptions: Descriptions) {
    this.#descriptions = descriptions
  }

  get pretty(): Parameter {
    return this.#described('ListOptions', 'pretty', 'query', 'string')
  }

  get namespace(): Parameter {
    return this.#described('ListOptions', 'namespace', 'path', 'string')
  }

  name(kind: string): Parameter {
    return { name: 'name', in: 'path', type: 'string', description: `name of the ${kind}` }
  }

  /** Of a path that goes on behind a proxy. */
  get path(): Parameter {
    return { name: 'path', in: 'path', type: 'string', description: 'path to the resource' }
  }

  /** By the options' full name: `meta.v1.ListOptions`. Parts that are structs are left out. */
  of(options: string, verb = ''): Parameter[] {
    const excluded = NOT_IN_QUERY[verb] ?? []
    const model = options.slice(options.lastIndexOf('.') + 1)
    return [...namedSchema(options).fields.values()].flatMap(({ name, schema }) => {
      const type = queryType(schema)
      return type === undefined || excluded.includes(name)
        ? []
        : [this.#described(model, name, 'query', type)]
    })
  }

  #described(
    model: string,
    name: string,
    place: Parameter['in'],
    type: Parameter['type'],
  ): Parameter {
    const description = this.#descriptions.ofParameter(model, name)
    return { name, in: place, type, description }
  }
}

function queryType(schema: Schema): Parameter['type'] | undefined {
  if (schema.type === 'list') return queryType(schema.items)
  if (schema.type !== 'scalar') return undefined
  switch (schema.scalar) {
    case 'string':
      return 'string'
    case 'bool':
      return 'boolean'
    case 'int32':
    case 'int64':
      return 'integer'
    default:
      return undefined
  }
}

import { createHash } from 'node:crypto'
import { encodeJsonText } from '@miniplane/api'
import type { Dialect, Json } from './definitions.js'
import { METHODS, type Method, type Operation, type Parameter, type Paths } from './operation.js'

const DESCRIPTIONS = { 200: 'OK', 201: 'Created', 202: 'Accepted' } as const
const UNAUTHORIZED = { description: 'Unauthorized' }

/** Writes operations in one dialect of OpenAPI. */
export class PathsWriter {
  /** Version 2 keeps what many operations share in one place. */
  readonly parameters: Record<string, Json> = {}
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  write(paths: Paths): Json {
    const written = [...paths].map(([path, operations]) => [path, this.#path(operations)] as const)
    return Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #path(operations: ReadonlyMap<Method, Operation>): Json {
    const common = commonParameters([...operations.values()])
    const item: Json = {}
    for (const method of METHODS) {
      const operation = operations.get(method)
      if (operation) item[method] = this.#operation(operation, common)
    }
    if (common.size > 0)
      item.parameters = sorted([...common.values()]).map((one) => this.#parameter(one))
    return item
  }

  #operation(operation: Operation, common: ReadonlyMap<string, Parameter>): Json {
    const { tag, description, id, body, produces, codes, answer, action, kind } = operation
    const own = sorted(operation.parameters.filter((one) => !common.has(keyOf(one))))
    const isOld = this.#dialect === 2
    const parameters = own.map((one) => this.#parameter(one))
    if (isOld && body) parameters.unshift(this.#bodyParameter(body))
    const { consumes = body?.types ?? (action === undefined ? undefined : ['*/*']) } = operation
    return {
      tags: [tag],
      ...(description !== undefined && { description }),
      ...(isOld && { schemes: ['https'], ...(consumes && { consumes }), produces }),
      operationId: id,
      ...(parameters.length > 0 && { parameters }),
      ...(!isOld && body && { requestBody: requestBody(body) }),
      responses: {
        ...Object.fromEntries(codes.map((code) => [code, this.#response(code, answer, produces)])),
        401: UNAUTHORIZED,
      },
      ...(action !== undefined && { 'x-kubernetes-action': action }),
      ...(action !== undefined && kind && { 'x-kubernetes-group-version-kind': kind }),
    }
  }

  #response(code: keyof typeof DESCRIPTIONS, schema: Json, types: readonly string[]): Json {
    const description = DESCRIPTIONS[code]
    return this.#dialect === 2
      ? { description, schema }
      : { description, content: contents(types, schema) }
  }

  #parameter(parameter: Parameter): Json {
    const { name, in: place, type, description } = parameter
    const schema = { type, uniqueItems: true }
    const json = {
      ...(description !== undefined && { description }),
      in: place,
      name,
      ...(place === 'path' && { required: true }),
      ...(this.#dialect === 3 ? { schema } : schema),
    }
    // kubectl of old looks for these two where they are used; a name says whose it is.
    const isOwn = name === 'name' || name === 'fieldValidation' || name === 'dryRun'
    return this.#dialect === 3 || isOwn ? json : this.#shared(name, json)
  }

  #bodyParameter({ schema, isRequired }: NonNullable<Operation['body']>): Json {
    const json = { in: 'body', name: 'body', ...(isRequired && { required: true }), schema }
    const isGeneric = String(schema.$ref).startsWith('#/definitions/io.k8s.apimachinery')
    return isGeneric ? this.#shared('body', json) : json
  }

  #shared(name: string, json: Json): Json {
    const digest = createHash('sha256').update(encodeJsonText(json)).digest('base64url')
    const key = `${name}-${digest.slice(0, 8)}`
    this.parameters[key] ??= json
    return { $ref: `#/parameters/${key}` }
  }
}

const requestBody = ({ schema, types, isRequired }: NonNullable<Operation['body']>): Json => ({
  content: contents(types, schema),
  ...(isRequired && { required: true }),
})

const contents = (types: readonly string[], schema: Json): Json =>
  Object.fromEntries([...types].sort().map((type) => [type, { schema }]))

const keyOf = (parameter: Parameter): string => encodeJsonText(parameter)

const sorted = (parameters: readonly Parameter[]): Parameter[] =>
  [...parameters].sort((a, b) => (`${a.name} ${a.in}` < `${b.name} ${b.in}` ? -1 : 1))

/** What every operation of a path takes is said once for all of them. */
function commonParameters(operations: readonly Operation[]): ReadonlyMap<string, Parameter> {
  const [first, ...others] = operations
  const common = new Map(first?.parameters.map((one) => [keyOf(one), one]))
  for (const { parameters } of others) {
    const keys = new Set(parameters.map(keyOf))
    for (const key of [...common.keys()]) if (!keys.has(key)) common.delete(key)
  }
  return common
}

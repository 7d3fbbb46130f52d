import { namedSchema, type ResourceDefinition, type SubresourceDefinition } from '@miniplane/api'
import type { DefinitionWriter, Dialect, Json } from './definitions.js'
import { listStruct } from './list-struct.js'
import {
  DELETE_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  type Parameter,
  PRETTY,
  WRITE_PARAMETERS,
} from './parameters.js'

const OBJECT_TYPES = ['application/json', 'application/yaml']
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]
const PATCH_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
const PATCH_DEFINITION = {
  description:
    'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  type: 'object',
}

interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Writes the paths of resources: collections, objects, subresources. */
export class PathWriter {
  readonly paths: Record<string, Json> = {}
  readonly #dialect: Dialect
  readonly #definitions: DefinitionWriter

  constructor(dialect: Dialect, definitions: DefinitionWriter) {
    this.#dialect = dialect
    this.#definitions = definitions
  }

  add(definition: ResourceDefinition): void {
    const { group, version, resource, namespaced, verbs, subresources } = definition
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const collection = `${root}/${namespaced ? 'namespaces/{namespace}/' : ''}${resource}`
    this.#put(collection, this.#collection(definition))
    if (namespaced && verbs.includes('list'))
      this.#put(`${root}/${resource}`, { get: this.#list(definition) })
    this.#put(`${collection}/{name}`, this.#object(definition))
    for (const subresource of subresources.values())
      this.#put(
        `${collection}/{name}/${subresource.name}`,
        this.#subresource(definition, subresource),
      )
  }

  #put(path: string, operations: Json): void {
    if (Object.keys(operations).length === 0) return
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: 'path',
      required: true,
      ...this.#typed('string'),
    }))
    this.paths[path] = { ...operations, parameters: [...inPath, ...this.#query(PRETTY)] }
  }

  #collection(definition: ResourceDefinition): Json {
    const { verbs, schema } = definition
    const object = this.#definitions.reference(schema)
    const parameters = [...LIST_PARAMETERS, ...DELETE_PARAMETERS.slice(1)]
    return {
      ...(verbs.includes('list') && { get: this.#list(definition) }),
      ...(verbs.includes('create') && { post: this.#write(definition, 'post', object) }),
      ...(verbs.includes('deletecollection') && {
        delete: this.#delete(definition, 'deletecollection', parameters),
      }),
    }
  }

  #list(definition: ResourceDefinition): Json {
    const list = this.#definitions.reference(listStruct(definition))
    return this.#operation(definition, 'list', LIST_PARAMETERS, list)
  }

  #object(definition: ResourceDefinition): Json {
    const { verbs, schema } = definition
    return {
      ...this.#views(definition, verbs, this.#definitions.reference(schema)),
      ...(verbs.includes('delete') && {
        delete: this.#delete(definition, 'delete', DELETE_PARAMETERS),
      }),
    }
  }

  #subresource(definition: ResourceDefinition, subresource: SubresourceDefinition): Json {
    const object = this.#subresourceObject(definition, subresource)
    return {
      ...this.#views(subresource, subresource.verbs, object),
      ...(subresource.verbs.includes('create') && {
        post: this.#write(subresource, 'post', object),
      }),
    }
  }

  #views(kind: Kind, verbs: readonly string[], object: Json): Json {
    return {
      ...(verbs.includes('get') && { get: this.#operation(kind, 'get', [], object) }),
      ...(verbs.includes('update') && { put: this.#write(kind, 'put', object) }),
      ...(verbs.includes('patch') && {
        patch: this.#operation(kind, 'patch', PATCH_PARAMETERS, object, this.#patch(), PATCH_TYPES),
      }),
    }
  }

  #subresourceObject(
    definition: ResourceDefinition,
    { group, version, kind }: SubresourceDefinition,
  ): Json {
    if (kind === definition.kind) return this.#definitions.reference(definition.schema)
    // What only a connection takes (exec, proxy) is no object.
    if (kind.endsWith('Options')) return { type: 'string' }
    return this.#definitions.reference(namedSchema(`${group || 'core'}.${version}.${kind}`))
  }

  #write(kind: Kind, action: string, object: Json): Json {
    return this.#operation(kind, action, WRITE_PARAMETERS, object, object)
  }

  #delete(kind: Kind, action: string, parameters: readonly Parameter[]): Json {
    const status = this.#definitions.reference(namedSchema('meta.v1.Status'))
    const options = this.#definitions.reference(namedSchema('meta.v1.DeleteOptions'))
    return this.#operation(kind, action, parameters, status, options)
  }

  #patch(): Json {
    this.#definitions.definitions[PATCH_NAME] ??= PATCH_DEFINITION
    return this.#definitions.pointer(PATCH_NAME)
  }

  #operation(
    { group, version, kind }: Kind,
    action: string,
    parameters: readonly Parameter[],
    answer: Json,
    body?: Json,
    bodyTypes: readonly string[] = OBJECT_TYPES,
  ): Json {
    const about = {
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, version, kind },
    }
    if (this.#dialect === 3)
      return {
        parameters: this.#query(parameters),
        ...(body && { requestBody: { content: contents(bodyTypes, body) } }),
        responses: { 200: { description: 'OK', content: contents(OBJECT_TYPES, answer) } },
        ...about,
      }
    const inBody = body ? [{ name: 'body', in: 'body', required: true, schema: body }] : []
    return {
      consumes: body ? bodyTypes : ['*/*'],
      produces: OBJECT_TYPES,
      parameters: [...inBody, ...this.#query(parameters)],
      responses: { 200: { description: 'OK', schema: answer } },
      ...about,
    }
  }

  #query(parameters: readonly Parameter[]): Json[] {
    return parameters.map(({ name, type, description }) => ({
      name,
      in: 'query',
      description,
      ...this.#typed(type),
    }))
  }

  #typed(type: Parameter['type']): Json {
    const schema = { type, uniqueItems: true }
    return this.#dialect === 3 ? { schema } : schema
  }
}

const contents = (types: readonly string[], schema: Json): Json =>
  Object.fromEntries(types.map((type) => [type, { schema }]))

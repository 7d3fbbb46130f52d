import {
  findSchema,
  namedSchema,
  type ResourceDefinition,
  type SubresourceDefinition,
} from '@miniplane/api'
import type { DefinitionWriter, Json } from './definitions.js'
import { listStruct } from './list-struct.js'
import { ANYTHING, OBJECT_TYPES, PATCH_TYPES, STREAM_TYPES } from './media-types.js'
import type { Method, Operation, Parameter, Paths } from './operation.js'
import { capital, operationId, type Subject, tagOf, withArticle } from './operation-names.js'
import type { Parameters } from './parameters.js'

const PATCH_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
const PATCH_DEFINITION = {
  description:
    'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  type: 'object',
}

/** What of a resource is no matter of its definition. */
export type ReturnsDeletedObject = (definition: ResourceDefinition) => boolean

/** The operations on resources: collections, objects, subresources, and the watches of old. */
export class ResourceOperations {
  readonly #definitions: DefinitionWriter
  readonly #parameters: Parameters
  readonly #returnsDeleted: ReturnsDeletedObject

  constructor(
    definitions: DefinitionWriter,
    parameters: Parameters,
    returnsDeleted: ReturnsDeletedObject,
  ) {
    this.#definitions = definitions
    this.#parameters = parameters
    this.#returnsDeleted = returnsDeleted
  }

  addTo(paths: Paths, definition: ResourceDefinition): void {
    const about = new ResourceWriter(paths, definition, this.#definitions, this.#parameters)
    about.addCollection()
    about.addObject(this.#returnsDeleted(definition))
    about.addWatches()
    for (const subresource of definition.subresources.values()) about.addSubresource(subresource)
  }
}

class ResourceWriter {
  readonly #paths: Paths
  readonly #definition: ResourceDefinition
  readonly #definitions: DefinitionWriter
  readonly #parameters: Parameters
  readonly #subject: Subject
  readonly #root: string
  readonly #scope: string
  readonly #object: Json

  constructor(
    paths: Paths,
    definition: ResourceDefinition,
    definitions: DefinitionWriter,
    parameters: Parameters,
  ) {
    const { group, version, kind, namespaced, schema } = definition
    this.#paths = paths
    this.#definition = definition
    this.#definitions = definitions
    this.#parameters = parameters
    this.#subject = { group, version, kind, namespaced, subresource: '' }
    this.#root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    this.#scope = namespaced ? '/namespaces/{namespace}' : ''
    this.#object = definitions.reference(schema)
  }

  addCollection(): void {
    const { resource, kind, verbs, namespaced } = this.#definition
    const path = `${this.#root}${this.#scope}/${resource}`
    if (verbs.includes('list')) {
      this.#put(path, 'get', this.#list(operationId('list', this.#subject)))
      if (namespaced) {
        const id = operationId(
          'list',
          { ...this.#subject, namespaced: false },
          {
            suffix: 'ForAllNamespaces',
          },
        )
        this.#put(`${this.#root}/${resource}`, 'get', this.#list(id), false)
      }
    }
    if (verbs.includes('create'))
      this.#put(path, 'post', {
        id: operationId('create', this.#subject),
        description: `create ${withArticle(kind)}`,
        action: 'post',
        parameters: this.#parameters.of('meta.v1.CreateOptions'),
        ...this.#sending(this.#object, this.#object, [200, 201, 202]),
      })
    if (verbs.includes('deletecollection')) this.#put(path, 'delete', this.#deleteCollection())
  }

  addObject(returnsDeleted: boolean): void {
    const { resource, kind, verbs } = this.#definition
    const path = `${this.#root}${this.#scope}/${resource}/{name}`
    this.#addViews(path, this.#subject, verbs, this.#object)
    if (!verbs.includes('delete')) return
    const answer = returnsDeleted ? this.#object : this.#named('meta.v1.Status')
    this.#put(path, 'delete', {
      id: operationId('delete', this.#subject),
      description: `delete ${withArticle(kind)}`,
      action: 'delete',
      parameters: this.#parameters.of('meta.v1.DeleteOptions'),
      ...this.#sending(this.#named('meta.v1.DeleteOptions'), answer, [200, 202]),
      body: { ...this.#body(this.#named('meta.v1.DeleteOptions')), isRequired: false },
    })
  }

  /** The paths with `watch` in them, which everybody is told not to use. */
  addWatches(): void {
    const { resource, verbs, namespaced, kind } = this.#definition
    if (!verbs.includes('watch')) return
    const list = (subject: Subject, suffix: string) =>
      this.#watch(
        'watchlist',
        operationId('watch', subject, { suffix }),
        `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`,
      )
    const under = `${this.#root}/watch${this.#scope}/${resource}`
    this.#put(under, 'get', list(this.#subject, 'List'))
    if (namespaced) {
      const everywhere = list({ ...this.#subject, namespaced: false }, 'ListForAllNamespaces')
      this.#put(`${this.#root}/watch/${resource}`, 'get', everywhere, false)
    }
    this.#put(
      `${under}/{name}`,
      'get',
      this.#watch(
        'watch',
        operationId('watch', this.#subject),
        `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`,
      ),
    )
  }

  addSubresource(subresource: SubresourceDefinition): void {
    const { resource, kind, schema } = this.#definition
    const { name, group, version, verbs } = subresource
    const path = `${this.#root}${this.#scope}/${resource}/{name}/${name}`
    const subject = { ...this.#subject, subresource: name }
    if (subresource.kind.endsWith('Options')) {
      this.#addConnections(path, subject, subresource)
      return
    }
    const type = { group, version, kind: subresource.kind }
    const struct =
      subresource.kind === kind
        ? schema
        : namedSchema(`${group || 'core'}.${version}.${subresource.kind}`)
    const object = this.#definitions.reference(struct)
    if (name === 'log') {
      this.#put(path, 'get', this.#log(subject))
      return
    }
    this.#addViews(path, subject, verbs, object, type)
    if (verbs.includes('create'))
      this.#put(path, 'post', {
        id: operationId('create', subject),
        description: `create ${name} of ${withArticle(kind)}`,
        action: 'post',
        kind: type,
        parameters: this.#parameters.of('meta.v1.CreateOptions'),
        ...this.#sending(object, object, [200, 201, 202]),
      })
  }

  #addViews(
    path: string,
    subject: Subject,
    verbs: readonly string[],
    object: Json,
    kind?: Operation['kind'],
  ): void {
    const of = subject.subresource === '' ? '' : `${subject.subresource} of `
    const specified = `${of}the specified ${subject.kind}`
    const about = kind ? { kind } : {}
    if (verbs.includes('get'))
      this.#put(path, 'get', {
        id: operationId('read', subject),
        description: `read ${specified}`,
        action: 'get',
        ...about,
        parameters: [],
        ...answering(object),
      })
    if (verbs.includes('update'))
      this.#put(path, 'put', {
        id: operationId('replace', subject),
        description: `replace ${specified}`,
        action: 'put',
        ...about,
        parameters: this.#parameters.of('meta.v1.UpdateOptions'),
        ...this.#sending(object, object, [200, 201]),
      })
    if (verbs.includes('patch'))
      this.#put(path, 'patch', {
        id: operationId('patch', subject),
        description: `partially update ${specified}`,
        action: 'patch',
        ...about,
        parameters: this.#parameters.of('meta.v1.PatchOptions'),
        ...this.#sending(this.#patch(), object, [200, 201], PATCH_TYPES),
      })
  }

  #addConnections(path: string, subject: Subject, subresource: SubresourceDefinition): void {
    const { name, kind, verbs, group, version } = subresource
    const options = findSchema(`${group || 'core'}.${version}.${kind}`)
    const parameters = options ? this.#parameters.of(options.name) : []
    const isProxy = name === 'proxy'
    const methods: Method[] = verbs.flatMap((verb) => CONNECT_METHODS[verb] ?? [])
    if (isProxy) methods.push('options', 'head')
    const connection = (method: Method, suffix: string, more: readonly Parameter[]) => ({
      id: operationId('connect', subject, { infix: capital(method), suffix }),
      description: `connect ${method.toUpperCase()} requests to ${name} of ${subject.kind}`,
      action: 'connect',
      kind: { group, version, kind },
      parameters: [...parameters, ...more],
      produces: ANYTHING,
      codes: [200] as const,
      answer: { type: 'string' },
    })
    for (const method of methods) {
      this.#put(path, method, connection(method, '', []), true, false)
      if (!isProxy) continue
      const further = connection(method, 'WithPath', [this.#parameters.path])
      this.#put(`${path}/{path}`, method, further, true, false)
    }
  }

  #list(id: string): Described {
    const { kind, verbs } = this.#definition
    return {
      id,
      description: `list ${verbs.includes('watch') ? 'or watch ' : ''}objects of kind ${kind}`,
      action: 'list',
      parameters: this.#parameters.of('meta.v1.ListOptions'),
      ...answering(this.#definitions.reference(listStruct(this.#definition))),
      produces: STREAM_TYPES,
    }
  }

  #watch(action: string, id: string, description: string): Described {
    return {
      id,
      description,
      action,
      parameters: this.#parameters.of('meta.v1.ListOptions'),
      ...answering(this.#named('meta.v1.WatchEvent')),
      produces: STREAM_TYPES,
    }
  }

  #deleteCollection(): Described {
    const options = this.#named('meta.v1.DeleteOptions')
    return {
      id: operationId('delete', this.#subject, { infix: 'Collection' }),
      description: `delete collection of ${this.#definition.kind}`,
      action: 'deletecollection',
      parameters: [
        ...this.#parameters.of('meta.v1.DeleteOptions'),
        ...this.#parameters.of('meta.v1.ListOptions', 'deletecollection'),
      ],
      ...this.#sending(options, this.#named('meta.v1.Status'), [200]),
      body: { ...this.#body(options), isRequired: false },
    }
  }

  #log(subject: Subject): Described {
    return {
      id: operationId('read', subject),
      description: `read log of the specified ${subject.kind}`,
      action: 'get',
      parameters: this.#parameters.of('core.v1.PodLogOptions'),
      ...answering({ type: 'string' }),
      produces: ['text/plain', ...OBJECT_TYPES],
    }
  }

  #sending(
    body: Json,
    answer: Json,
    codes: Operation['codes'],
    types: readonly string[] = ANYTHING,
  ): Pick<Operation, 'body' | 'answer' | 'codes' | 'produces'> {
    return { ...answering(answer), body: this.#body(body, types), codes }
  }

  #body(schema: Json, types: readonly string[] = ANYTHING): NonNullable<Operation['body']> {
    return { schema, types, isRequired: true }
  }

  #patch(): Json {
    this.#definitions.definitions[PATCH_NAME] ??= PATCH_DEFINITION
    return this.#definitions.pointer(PATCH_NAME)
  }

  #named(name: string): Json {
    return this.#definitions.reference(namedSchema(name))
  }

  /** `inScope` is false where a path is over all namespaces, `isPretty` where an answer can't be. */
  #put(path: string, method: Method, operation: Described, inScope = true, isPretty = true): void {
    const { group, version, kind, namespaced } = this.#definition
    const parameters = [
      ...operation.parameters,
      ...(path.includes('/{name}') ? [this.#parameters.name(operation.kind?.kind ?? kind)] : []),
      ...(namespaced && inScope ? [this.#parameters.namespace] : []),
      ...(isPretty ? [this.#parameters.pretty] : []),
    ]
    const operations = this.#paths.get(path) ?? new Map<Method, Operation>()
    const about = { tag: tagOf(group, version), kind: { group, version, kind } }
    operations.set(method, { ...about, ...operation, parameters })
    this.#paths.set(path, operations)
  }
}

/** An operation but for what all operations on the resource share. */
type Described = Omit<Operation, 'tag'>

const CONNECT_METHODS: Readonly<Record<string, readonly Method[]>> = {
  get: ['get'],
  create: ['post'],
  update: ['put'],
  patch: ['patch'],
  delete: ['delete'],
}

const answering = (answer: Json): Pick<Operation, 'answer' | 'codes' | 'produces'> => ({
  answer,
  codes: [200],
  produces: OBJECT_TYPES,
})

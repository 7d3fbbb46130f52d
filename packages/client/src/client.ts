import type { autoscalingV1, Cause, KubeList, KubeObject, Status } from '@miniplane/api'
import { groupVersionPath, type ResourceRef } from './resources.js'
import { refusal } from './transport/in-process-transport.js'
import type {
  Transport,
  TransportRequest,
  TransportResponse,
  WatchSink,
} from './transport/transport.js'

export interface ReadOptions {
  readonly namespace?: string
  readonly resourceVersion?: string
  readonly signal?: AbortSignal
}

export interface ListOptions extends ReadOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  /** Largest number of items in one answer; the rest follows with `continue`. */
  readonly limit?: number
  readonly continue?: string
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
}

export interface WriteOptions {
  readonly namespace?: string
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  readonly signal?: AbortSignal
}

export type PatchType = 'merge' | 'strategic' | 'json' | 'apply'

export interface PatchOptions extends WriteOptions {
  readonly type: PatchType
  readonly subresource?: string
  /** For `apply`: take fields over from other managers. */
  readonly force?: boolean
}

/** What the server fills in may be left out of what is sent to it. */
type Draft<T> = T extends object ? { [K in keyof T]?: Draft<T[K]> } : T

/** An object as its author writes it. */
export type Written<T extends KubeObject> = T | (Draft<T> & Pick<T, 'metadata'>)

export interface DeleteOptions extends WriteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

const PATCH_CONTENT_TYPES: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
}

/**
 * Typed and dynamic use of an API server over any transport. Every answer of 400 and above is
 * thrown as a `StatusError`.
 */
export class Client {
  readonly #transport: Transport
  readonly #cause: Cause | undefined

  constructor(transport: Transport, cause?: Cause) {
    this.#transport = transport
    this.#cause = cause
  }

  /** The same connection; every request says that `cause` led to it. */
  withCause(cause: Cause): Client {
    return new Client(this.#transport, cause)
  }

  of<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T> {
    return new ResourceClient<T>(this, ref)
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const response = await this.#transport.request(this.#withOwnCause(request))
    if (response.status >= 400) throw refusal(request, response)
    return response
  }

  watch(request: TransportRequest, sink: WatchSink): Promise<() => void> {
    return this.#transport.watch(this.#withOwnCause(request), sink)
  }

  #withOwnCause(request: TransportRequest): TransportRequest {
    return this.#cause === undefined ? request : { cause: this.#cause, ...request }
  }
}

/** The verbs of one resource. */
export class ResourceClient<T extends KubeObject = KubeObject> {
  readonly #client: Client
  readonly #ref: ResourceRef<T>

  constructor(client: Client, ref: ResourceRef<T>) {
    this.#client = client
    this.#ref = ref
  }

  get(name: string, options: ReadOptions = {}): Promise<T> {
    return this.#send('GET', this.#path(options.namespace, name), {
      query: { resourceVersion: options.resourceVersion },
      ...signalOf(options),
    })
  }

  /** Without a namespace: all of them. */
  list(options: ListOptions = {}): Promise<KubeList<T>> {
    return this.#send('GET', this.#path(options.namespace), {
      query: listQuery(options),
      ...signalOf(options),
    })
  }

  watch(options: WatchOptions, sink: WatchSink): Promise<() => void> {
    const query = {
      ...listQuery(options),
      watch: 'true',
      allowWatchBookmarks: options.allowWatchBookmarks ? 'true' : undefined,
      sendInitialEvents: options.sendInitialEvents?.toString(),
      timeoutSeconds: options.timeoutSeconds?.toString(),
    }
    const path = this.#path(options.namespace)
    return this.#client.watch({ method: 'GET', path, query, ...signalOf(options) }, sink)
  }

  create(object: Written<T>, options: WriteOptions = {}): Promise<T> {
    const path = this.#path(options.namespace ?? object.metadata.namespace)
    return this.#send('POST', path, {
      query: writeQuery(options),
      body: this.#withType(object),
      ...signalOf(options),
    })
  }

  update(object: Written<T>, options: WriteOptions = {}): Promise<T> {
    return this.#put(object, undefined, options)
  }

  updateStatus(object: Written<T>, options: WriteOptions = {}): Promise<T> {
    return this.#put(object, 'status', options)
  }

  patch(name: string, patch: unknown, options: PatchOptions): Promise<T> {
    return this.#send('PATCH', this.#path(options.namespace, name, options.subresource), {
      query: { ...writeQuery(options), force: options.force?.toString() },
      headers: { 'content-type': PATCH_CONTENT_TYPES[options.type] },
      body: patch,
      ...signalOf(options),
    })
  }

  /** Answers with the object when it lives on for a while, else with a `Status`. */
  delete(name: string, options: DeleteOptions = {}): Promise<T | Status> {
    return this.#send('DELETE', this.#path(options.namespace, name), {
      body: deleteBody(options),
      ...signalOf(options),
    })
  }

  deleteCollection(options: DeleteOptions & ListOptions = {}): Promise<KubeList<T> | Status> {
    return this.#send('DELETE', this.#path(options.namespace), {
      query: listQuery(options),
      body: deleteBody(options),
      ...signalOf(options),
    })
  }

  getScale(name: string, options: ReadOptions = {}): Promise<autoscalingV1.Scale> {
    return this.#send('GET', this.#path(options.namespace, name, 'scale'), signalOf(options))
  }

  updateScale(
    scale: autoscalingV1.Scale,
    options: WriteOptions = {},
  ): Promise<autoscalingV1.Scale> {
    const { namespace, name = '' } = scale.metadata
    return this.#send('PUT', this.#path(options.namespace ?? namespace, name, 'scale'), {
      query: writeQuery(options),
      body: scale,
      ...signalOf(options),
    })
  }

  /** POST to a subresource: `binding`, `eviction`, `token`. */
  createSubresource<R = unknown>(
    name: string,
    subresource: string,
    body: unknown,
    options: WriteOptions = {},
  ): Promise<R> {
    return this.#send('POST', this.#path(options.namespace, name, subresource), {
      query: writeQuery(options),
      body,
      ...signalOf(options),
    })
  }

  #put(object: Written<T>, subresource: string | undefined, options: WriteOptions): Promise<T> {
    const { namespace, name = '' } = object.metadata
    return this.#send('PUT', this.#path(options.namespace ?? namespace, name, subresource), {
      query: writeQuery(options),
      body: this.#withType(object),
      ...signalOf(options),
    })
  }

  /** List items carry no kind of their own, yet are often sent back. */
  #withType(object: Written<T>): Written<T> {
    if (object.kind !== undefined && object.apiVersion !== undefined) return object
    const { group, version, kind } = this.#ref
    return { ...object, apiVersion: group === '' ? version : `${group}/${version}`, kind }
  }

  #path(namespace?: string, name?: string, subresource?: string): string {
    let path = groupVersionPath(this.#ref)
    if (this.#ref.namespaced && namespace !== undefined && namespace !== '') {
      path += `/namespaces/${encodeURIComponent(namespace)}`
    }
    path += `/${this.#ref.resource}`
    if (name !== undefined) path += `/${encodeURIComponent(name)}`
    return subresource === undefined ? path : `${path}/${subresource}`
  }

  async #send<R>(
    method: string,
    path: string,
    rest: Omit<TransportRequest, 'method' | 'path'>,
  ): Promise<R> {
    const response = await this.#client.request({ method, path, ...rest })
    return response.object as R
  }
}

const signalOf = (options: { readonly signal?: AbortSignal }) =>
  options.signal === undefined ? {} : { signal: options.signal }

const listQuery = (options: ListOptions) => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  resourceVersionMatch: options.resourceVersionMatch,
  limit: options.limit?.toString(),
  continue: options.continue,
})

const writeQuery = (options: WriteOptions) => ({
  dryRun: options.dryRun ? 'All' : undefined,
  fieldManager: options.fieldManager,
  fieldValidation: options.fieldValidation,
})

function deleteBody(options: DeleteOptions): object {
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(options.gracePeriodSeconds === undefined
      ? {}
      : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy === undefined
      ? {}
      : { propagationPolicy: options.propagationPolicy }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  }
}

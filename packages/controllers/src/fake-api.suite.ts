import { deepCopy, type KubeObject, type WatchEventType } from '@miniplane/api'
import type { Transport, TransportRequest, TransportResponse, WatchSink } from '@miniplane/client'

interface Target {
  /** `/api/v1/pods` */
  readonly resource: string
  readonly key: string | undefined
  readonly subresource: string | undefined
}

/**
 * Enough of an API server to test one component on: objects in a map, watches that tell of every
 * write before it returns, optimistic locking, bindings, and graceful deletion of Pods.
 */
export class FakeApi implements Transport {
  readonly requests: TransportRequest[] = []
  /** Answers a request in place of the fake when it returns a response. */
  intercept: (request: TransportRequest) => TransportResponse | undefined = () => undefined
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #sinks = new Map<string, Set<WatchSink>>()
  #revision = 1

  async request(request: TransportRequest): Promise<TransportResponse> {
    this.requests.push(request)
    const answer = this.intercept(request)
    if (answer) return answer
    const target = parse(request.path)
    const found = target.key === undefined ? undefined : this.#all(target.resource).get(target.key)
    switch (request.method) {
      case 'GET':
        if (target.key === undefined) return this.#list(target.resource)
        return found ? ok(found) : failure(404, 'NotFound')
      case 'POST':
        return target.subresource === 'binding'
          ? this.#bind(target, found, request.body)
          : this.#create(target.resource, request.body as KubeObject)
      case 'DELETE':
        return found ? this.#delete(target, found, request.body) : failure(404, 'NotFound')
      default: {
        if (!found) return failure(404, 'NotFound')
        const { metadata } = request.body as KubeObject
        const expected = metadata?.resourceVersion
        if (expected !== undefined && expected !== found.metadata.resourceVersion) {
          return failure(409, 'Conflict')
        }
        const isPut = request.method === 'PUT'
        const next = isPut ? deepCopy(request.body) : merge(found, withoutVersion(request.body))
        return ok(this.#store('MODIFIED', target.resource, next as KubeObject))
      }
    }
  }

  async watch(request: TransportRequest, sink: WatchSink): Promise<() => void> {
    const { resource } = parse(request.path)
    const sinks = this.#sinks.get(resource) ?? new Set()
    this.#sinks.set(resource, sinks.add(sink))
    return () => sinks.delete(sink)
  }

  close(): void {
    this.#sinks.clear()
  }

  /** Objects of `/api/v1/pods` and the like. */
  objects<T extends KubeObject>(resource: string): T[] {
    return [...this.#all(resource).values()] as T[]
  }

  /** Writes that matched, such as `writes('PATCH', /status$/)`. */
  writes(method: string, path: RegExp): TransportRequest[] {
    return this.requests.filter((r) => r.method === method && path.test(r.path))
  }

  #all(resource: string): Map<string, KubeObject> {
    const all = this.#objects.get(resource) ?? new Map<string, KubeObject>()
    this.#objects.set(resource, all)
    return all
  }

  #list(resource: string): TransportResponse {
    const items = this.objects(resource)
    return response(200, { metadata: { resourceVersion: String(this.#revision) }, items })
  }

  #create(resource: string, body: KubeObject): TransportResponse {
    if (this.#all(resource).has(keyOf(body))) return failure(409, 'AlreadyExists')
    const draft = deepCopy(body)
    draft.metadata.uid ??= `uid-${draft.metadata.name}`
    return ok(this.#store('ADDED', resource, draft))
  }

  #bind(target: Target, pod: KubeObject | undefined, body: unknown): TransportResponse {
    if (!pod) return failure(404, 'NotFound')
    const { target: node } = body as { target: { name: string } }
    const bound = merge(pod, { spec: { nodeName: node.name } }) as KubeObject
    this.#store('MODIFIED', target.resource, bound)
    return response(201, { kind: 'Status', status: 'Success' })
  }

  #delete({ resource }: Target, found: KubeObject, body: unknown): TransportResponse {
    const options = (body ?? {}) as {
      gracePeriodSeconds?: number
      preconditions?: { uid?: string }
    }
    const uid = options.preconditions?.uid
    if (uid !== undefined && uid !== found.metadata.uid) return failure(409, 'Conflict')
    const { nodeName, terminationGracePeriodSeconds = 30 } = (found.spec ?? {}) as {
      nodeName?: string
      terminationGracePeriodSeconds?: number
    }
    const grace = options.gracePeriodSeconds ?? (nodeName ? terminationGracePeriodSeconds : 0)
    const isHeld = (found.metadata.finalizers?.length ?? 0) > 0
    if (grace === 0 && !isHeld) return ok(this.#store('DELETED', resource, deepCopy(found)))
    const marks = { deletionTimestamp: 'now', deletionGracePeriodSeconds: grace }
    return ok(this.#store('MODIFIED', resource, merge(found, { metadata: marks }) as KubeObject))
  }

  #store(type: WatchEventType, resource: string, object: KubeObject): KubeObject {
    object.metadata.resourceVersion = String(++this.#revision)
    if (type === 'DELETED') this.#all(resource).delete(keyOf(object))
    else this.#all(resource).set(keyOf(object), object)
    for (const sink of this.#sinks.get(resource) ?? []) sink.onEvents([{ type, object }])
    return object
  }
}

const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ''}/${metadata.name}`

function parse(path: string): Target {
  const [, group = '', rest = ''] = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/(.*)$/.exec(path) ?? []
  const parts = rest.split('/')
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts[1] : ''
  const [plural = '', name, subresource] = namespace ? parts.slice(2) : parts
  return {
    resource: `${group}/${plural}`,
    key: name === undefined ? undefined : `${namespace}/${name}`,
    subresource,
  }
}

function withoutVersion(body: unknown): unknown {
  const { metadata = {}, ...rest } = body as Partial<KubeObject>
  const { resourceVersion, ...kept } = metadata
  return { metadata: kept, ...rest }
}

/** A merge patch, and of strategic ones as much as conditions need: they are merged by type. */
function merge(old: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return deepCopy(patch)
  const merged: Record<string, unknown> = isMap(old) ? { ...old } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else if (key === 'conditions') merged[key] = mergeConditions(merged[key], value)
    else merged[key] = merge(merged[key], value)
  }
  return merged
}

function mergeConditions(old: unknown, patch: unknown): unknown[] {
  const byType = new Map<unknown, unknown>()
  for (const condition of [...((old ?? []) as object[]), ...(patch as object[])]) {
    byType.set((condition as { type: string }).type, condition)
  }
  return [...byType.values()]
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const response = (status: number, object: unknown): TransportResponse => ({
  status,
  headers: {},
  object,
  text: () => JSON.stringify(object),
})

const ok = (object: unknown) => response(200, object)

const failure = (code: number, reason: string) =>
  response(code, {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason,
    code,
    message: reason,
  })

import { type KubeObject, StatusError } from '@miniplane/api'
import type { Client, TransportRequest } from '@miniplane/client'
import { pathOf, RESOURCES } from './resources.js'

export type Manifest = Partial<KubeObject> & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly generateName?: string }
}

/** Waits until the control plane has nothing left to do: how depends on its clock. */
export type Settle = (cluster: Cluster) => Promise<void>

const PATCHES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

/** A scenario's own namespace in a control plane that may be anybody's. */
export class Cluster {
  readonly namespace: string
  readonly #client: Client
  readonly #settle: Settle

  constructor(client: Client, namespace: string, settle: Settle) {
    this.#client = client
    this.namespace = namespace
    this.#settle = settle
  }

  settle(): Promise<void> {
    return this.#settle(this)
  }

  create(object: Manifest): Promise<KubeObject> {
    return this.send('POST', this.#path(object.kind), { body: object })
  }

  get(kind: string, name: string): Promise<KubeObject> {
    return this.send('GET', this.#path(kind, name))
  }

  /** Without kind and version, which items of a list lack over HTTP. */
  async list(kind: string): Promise<readonly KubeObject[]> {
    const { items } = await this.send<{ items: KubeObject[] }>('GET', this.#path(kind))
    return items.map(({ apiVersion, kind, ...rest }) => rest as KubeObject)
  }

  /** Of what has no namespace: they are in `default`. */
  async eventsOf(kind: string, name: string): Promise<readonly KubeObject[]> {
    const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name}`
    const path = '/api/v1/namespaces/default/events'
    return (await this.send<{ items: KubeObject[] }>('GET', path, { query: { fieldSelector } }))
      .items
  }

  patch(
    kind: string,
    name: string,
    body: object,
    { type = 'merge', sub = '' }: { type?: keyof typeof PATCHES; sub?: string } = {},
  ): Promise<KubeObject> {
    return this.send('PATCH', this.#path(kind, name, sub), {
      body,
      headers: { 'content-type': PATCHES[type] },
      ...(type === 'apply' && { query: { fieldManager: 'script' } }),
    })
  }

  delete(kind: string, name: string, options: object = {}): Promise<unknown> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options }
    return this.send('DELETE', this.#path(kind, name), { body })
  }

  /** The answer's code and message where it is a refusal. */
  async refusal(work: Promise<unknown>): Promise<string> {
    try {
      await work
      return 'done'
    } catch (error) {
      if (error instanceof StatusError) return `${error.code} ${error.message}`
      throw error
    }
  }

  post(kind: string, name: string, sub: string, body: object): Promise<KubeObject> {
    return this.send('POST', this.#path(kind, name, sub), { body })
  }

  async send<T = KubeObject>(
    method: string,
    path: string,
    rest: Omit<TransportRequest, 'method' | 'path'> = {},
  ): Promise<T> {
    const { object } = await this.#client.request({ method, path, ...rest })
    return object as T
  }

  #path(kind: string, name = '', sub = ''): string {
    const resource = RESOURCES[kind]
    if (resource === undefined) throw new Error(`no resource is known for kind ${kind}`)
    return [pathOf(resource, this.namespace), name, sub].filter(Boolean).join('/')
  }
}

import {
  type ApiResponse,
  FieldSet,
  formatPath,
  type KubeObject,
  ManualClock,
  type ObjectMeta,
  type Status,
  seededRandom,
} from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { createApiServer } from '../server.js'

/** What one write came to. */
export interface Told {
  readonly code: number
  /** `one Apply v1: .data.k`, with `/subresource` after the manager and the time left out. */
  readonly managers: readonly string[]
  readonly metadata: ObjectMeta
  readonly message: string
  readonly warnings: readonly string[]
  readonly object: KubeObject
}

export interface Writing {
  /** `fieldManager`. Default: the user agent's, which is `agent/1.0`. */
  readonly as?: string
  /** Further parameters, such as `force=true`. */
  readonly query?: string
  readonly method?: string
  readonly type?: string
}

export const APPLY = { method: 'PATCH', type: 'application/apply-patch+yaml' }
export const MERGE = { method: 'PATCH', type: 'application/merge-patch+json' }

/** A server for the stories of one file, and a clock that moves when it is told to. */
export class Stage implements AsyncDisposable {
  readonly clock = new ManualClock()
  #stories = 0
  readonly #store = openEmbeddedStore({ clock: this.clock })
  readonly #server = createApiServer({
    store: this.#store.client,
    clock: this.clock,
    random: seededRandom(7),
    disableAdmissionPlugins: ['ServiceAccount'],
    tokens: [{ token: 'admin', user: { name: 'root', groups: ['system:masters'] } }],
  })

  static async open(): Promise<Stage> {
    const stage = new Stage()
    await stage.#server.start()
    return stage
  }

  /** Each story has a namespace of its own. */
  async begin(): Promise<Story> {
    const namespace = `story-${this.#stories++}`
    await this.write('/api/v1/namespaces', { metadata: { name: namespace } }, { method: 'POST' })
    return new Story(this, namespace)
  }

  async write(path: string, body: unknown, writing: Writing): Promise<Told> {
    const { as = '', query = '', method = 'PUT', type = 'application/json' } = writing
    const parameters = new URLSearchParams(query)
    if (as) parameters.set('fieldManager', as)
    const response = await this.#server.handle({
      method,
      path,
      query: parameters,
      headers: {
        authorization: 'Bearer admin',
        'user-agent': 'agent/1.0',
        'content-type': type,
      },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      signal: new AbortController().signal,
    })
    return told(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close()
    await this.#store.close()
  }
}

/** Requests that are made in turns. */
export class Story {
  readonly clock: ManualClock
  readonly #stage: Stage
  readonly #namespace: string

  constructor(stage: Stage, namespace: string) {
    this.clock = stage.clock
    this.#stage = stage
    this.#namespace = namespace
  }

  /**
   * PUTs unless it is told another method. `path` begins at the root, with the namespace as `{ns}`,
   * or after the namespace of the core group.
   */
  write(path: string, body: unknown, writing: Writing = {}): Promise<Told> {
    const whole = path.startsWith('/') ? path : `/api/v1/namespaces/{ns}/${path}`
    return this.#stage.write(whole.replace('{ns}', this.#namespace), body, writing)
  }

  create(path: string, body: unknown, writing: Writing = {}): Promise<Told> {
    return this.write(path, body, { method: 'POST', ...writing })
  }

  apply(path: string, body: unknown, writing: Writing = {}): Promise<Told> {
    return this.write(path, body, { ...APPLY, ...writing })
  }
}

function told({ status: code, headers, body }: ApiResponse): Told {
  const answer = (body.kind === 'object' ? body.object : {}) as KubeObject
  const { message = '' } = answer as unknown as Status
  const { metadata } = answer
  const warnings = [headers.warning ?? []].flat()
  const managers = managersOf(metadata ?? {})
  return { code, managers, metadata, message, warnings, object: answer }
}

export const managersOf = ({ managedFields = [] }: ObjectMeta): string[] =>
  managedFields.map(({ manager, operation, apiVersion, subresource, fieldsV1 }) => {
    const paths = [...FieldSet.fromFieldsV1(fieldsV1).paths()].map(formatPath)
    const who = subresource ? `${manager}/${subresource}` : manager
    return `${who} ${operation} ${apiVersion}: ${paths.join(' ')}`
  })

export const configMap = (data: Record<string, string>, metadata: ObjectMeta = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  data,
})

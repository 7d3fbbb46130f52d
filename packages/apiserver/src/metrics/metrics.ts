import type { ApiResponse } from '@miniplane/api'
import type { Registry } from 'prom-client'
import { bytesResponse } from '../negotiation/respond.js'

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

/** What the server counts as it works; cheap enough for every request. */
export class RequestCounts {
  readonly #byKey = new Map<string, number>()

  count(verb: string, group: string, resource: string, code: number): void {
    const key = `${verb}\0${group}\0${resource}\0${code}`
    this.#byKey.set(key, (this.#byKey.get(key) ?? 0) + 1)
  }

  *entries(): Generator<{
    verb: string
    group: string
    resource: string
    code: string
    count: number
  }> {
    for (const [key, count] of this.#byKey) {
      const [verb = '', group = '', resource = '', code = ''] = key.split('\0')
      yield { verb, group, resource, code, count }
    }
  }
}

export interface MetricsSources {
  readonly requests: RequestCounts
  /** Objects by the prefix of their resource. */
  objectCounts(): Iterable<readonly [resource: string, count: number]>
  watcherCount(): number
}

/** `/metrics`, with the names that the real server uses. The library is loaded when asked for. */
export class Metrics {
  readonly #sources: MetricsSources
  #registry: Promise<Registry> | undefined

  constructor(sources: MetricsSources) {
    this.#sources = sources
  }

  async handle(): Promise<ApiResponse> {
    this.#registry ??= this.#makeRegistry()
    const registry = await this.#registry
    return bytesResponse(200, CONTENT_TYPE, Buffer.from(await registry.metrics()))
  }

  async #makeRegistry(): Promise<Registry> {
    const { collectDefaultMetrics, Gauge, Registry } = await import('prom-client')
    const register = new Registry()
    const { requests, objectCounts, watcherCount } = this.#sources
    collectDefaultMetrics({ register })
    new Gauge({
      name: 'apiserver_request_total',
      help: 'Counter of apiserver requests broken out for each verb, group, resource and HTTP response code.',
      labelNames: ['verb', 'group', 'resource', 'code'],
      registers: [register],
      collect() {
        for (const { count, ...labels } of requests.entries()) this.set(labels, count)
      },
    })
    new Gauge({
      name: 'apiserver_storage_objects',
      help: 'Number of stored objects at the time of last check split by kind.',
      labelNames: ['resource'],
      registers: [register],
      collect() {
        for (const [resource, count] of objectCounts()) this.set({ resource }, count)
      },
    })
    new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Gauge of all active long-running apiserver requests.',
      registers: [register],
      collect() {
        this.set(watcherCount())
      },
    })
    return register
  }
}

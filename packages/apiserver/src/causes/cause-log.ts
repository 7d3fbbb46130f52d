import type { CausalRecord, ResourceDefinition } from '@miniplane/api'
import type { Log } from '../log.js'
import type { WriteContext } from '../registry/write-context.js'
import { keyTail } from '../storage/keys.js'
import type { StoredObject } from '../storage/stored-object.js'
import { summaryOf } from './summary.js'

export interface CauseQuery {
  /** Only writes after this revision. */
  readonly since?: number | undefined
  /** `group/resource`, such as `apps/replicasets` or `/pods`. */
  readonly resource?: string | undefined
  /** `namespace/name`, or `name`. */
  readonly key?: string | undefined
  readonly uid?: string | undefined
  /** At most so many, the latest ones. */
  readonly limit?: number | undefined
}

/** Remembers of every write who made it and why: the latest `capacity` of them, oldest first. */
export class CauseLog {
  readonly #capacity: number
  readonly #records: CausalRecord[] = []
  #start = 0
  readonly #listeners = new Set<(record: CausalRecord) => void>()

  readonly #log: Log

  constructor(capacity: number, log: Log) {
    this.#capacity = capacity
    this.#log = log
  }

  /** Called once for each stored write. `before` is absent for a creation. */
  record(
    context: WriteContext,
    verb: string,
    definition: ResourceDefinition,
    storageKey: string,
    after: StoredObject,
    before: StoredObject | undefined,
  ): void {
    const { requestContext, subresource } = context
    const { request, user, auditId } = requestContext
    const { metadata } = after.object
    const summary = summaryOf(definition.kind, verb, after.object, before?.object)
    this.#push({
      revision: String(after.revision),
      verb,
      resource: `${definition.group}/${definition.resource}`,
      ...(subresource !== '' && { subresource }),
      key: keyTail(metadata.namespace, metadata.name ?? ''),
      uid: metadata.uid ?? '',
      storageKey,
      timeMs: context.clock.now(),
      user: user.name,
      userAgent: request.headers['user-agent'] ?? '',
      requestId: auditId,
      ...(request.cause && { cause: request.cause }),
      ...(summary !== undefined && { summary }),
    })
  }

  /** In the order of their revisions. */
  select(query: CauseQuery = {}): CausalRecord[] {
    const found: CausalRecord[] = []
    for (const record of this.#inOrder()) {
      if (query.since !== undefined && Number(record.revision) <= query.since) continue
      if (query.resource !== undefined && record.resource !== query.resource) continue
      if (query.key !== undefined && record.key !== query.key) continue
      if (query.uid !== undefined && record.uid !== query.uid) continue
      found.push(record)
    }
    return query.limit === undefined ? found : found.slice(-query.limit)
  }

  /** Calls `listener` with every record from now on, within the write. Returns the removal. */
  subscribe(listener: (record: CausalRecord) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get size(): number {
    return this.#records.length
  }

  #push(record: CausalRecord): void {
    for (const listener of this.#listeners) this.#tell(listener, record)
    if (this.#records.length < this.#capacity) {
      this.#records.push(record)
      return
    }
    this.#records[this.#start] = record
    this.#start = (this.#start + 1) % this.#capacity
  }

  /** The write is stored: a listener's bug ends the listener and not the request. */
  #tell(listener: (record: CausalRecord) => void, record: CausalRecord): void {
    try {
      listener(record)
    } catch (error) {
      this.#listeners.delete(listener)
      this.#log.error('a listener of the causes failed and was removed', { error })
    }
  }

  *#inOrder(): Generator<CausalRecord> {
    const count = this.#records.length
    for (let i = 0; i < count; i++) {
      const record = this.#records[(this.#start + i) % count]
      if (record) yield record
    }
  }
}

import type { Clock, FieldError, KubeObject, Random } from '@miniplane/api'
import type { UserInfo } from '../pipeline/stage.js'
import type { DeleteOptions } from './generic/delete-options.js'

/**
 * What one resource knows beyond its schema. The generic registry runs the steps of a write in a
 * fixed order (KEP-free, as in the API conventions):
 *
 * create: decode → `setDefaults` → mutating admission → `allocate` → `prepareForCreate` →
 *         `validate` → validating admission → store → answer
 * update: decode → `setDefaults` → admission → `allocate` → `prepareForUpdate` → … the same
 *
 * `draft` is ours to change; `stored` is shared and must not be written to; `validate…` change
 * nothing. What the schema says (types, defaults of the tables) is not said again here.
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  /** Fills in what a client may leave out. Idempotent; sees no stored object. */
  setDefaults?(draft: T): void
  /** Drops what this write may not set (status), sets generation and what the server owns. */
  prepareForCreate?(draft: T, context: StrategyContext): void
  prepareForUpdate?(draft: T, stored: T, context: StrategyContext): void
  /** What reading a new object for the first time fills in: no validation has seen it. */
  setReadDefaults?(draft: T): void
  /** Names of this kind; the default is a DNS-1123 subdomain. Returns messages, none when valid. */
  validateName?(name: string, isPrefix: boolean): string[]
  validate?(object: T, context: StrategyContext): FieldError[]
  validateUpdate?(draft: T, stored: T, context: StrategyContext): FieldError[]
  /** Texts for `Warning` headers, without code and agent. */
  warningsOnCreate?(object: T): string[]
  warningsOnUpdate?(draft: T, stored: T): string[]
  warningsOnDelete?(options: DeleteOptions): string[]
  /** Why this one is never deleted by name; a collection is deleted with all that is in it. */
  refusesDelete?(name: string): string | undefined

  /** PUT to a name that is not there creates it (Lease, Role, …). */
  readonly allowCreateOnUpdate?: boolean
  /** PUT without resourceVersion is refused when false. Default true. */
  readonly allowUnconditionalUpdate?: boolean
  /** DELETE answers with the object and not with a `Status`. */
  readonly returnsDeletedObject?: boolean
  /**
   * What happens to dependents when the client does not say. Default `Background`. What is said of
   * the dependents of a kind with `Unsupported` is not heard: it is not thought to have any.
   */
  readonly defaultPropagation?: 'Background' | 'Orphan' | 'Unsupported'
  /**
   * Seconds this object gets to end by itself, or undefined to delete at once. `requested` is what
   * the client asked for.
   */
  gracePeriodSeconds?(stored: T, requested: number | undefined): number | undefined

  /** A new object may say its status (a Node registers with one); false: it begins empty. */
  readonly keepsStatusOnCreate?: boolean
  /** Something beside the metadata's finalizers keeps a terminating object (a Namespace's spec). */
  holdsDeletion?(object: T): boolean
  /** Changes an object that becomes terminating (a Namespace's phase). */
  prepareForDelete?(draft: T, context: StrategyContext): void

  /**
   * Takes what must be unique across objects (cluster IPs, node ports). Called before the draft is
   * looked at, so that what can't be had is the first to be refused, and told afterwards how the
   * write went. `draft` may be filled in.
   */
  allocate?(
    draft: T,
    stored: T | undefined,
    context: StrategyContext,
  ): Promise<Allocation | undefined>
  /** After the object is gone, for giving allocations back. */
  afterDelete?(stored: T, context: StrategyContext): Promise<void>

  /** Field labels beyond `metadata.name` and `metadata.namespace` that selectors may use. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>
  /** What is said of any other label, where a kind has words of its own. */
  readonly unknownField?: (label: string) => string
  /** Columns for `Accept: …;as=Table`. Default: Name and Age. */
  readonly table?: TableColumns<T>
  /** By name. `status` and `scale` have ready-made ones in `subresources/`. */
  readonly subresources?: Readonly<Record<string, SubresourceStrategy<T>>>
}

export interface StrategyContext {
  readonly clock: Clock
  readonly random: Random
  readonly namespace: string | undefined
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Reads another resource from its cache (frozen objects). */
  readonly lister: Lister
  /** Writes another object's status, for what this write takes from it. */
  readonly writeStatus: StatusWriter
  /** Makes and removes objects of other kinds that belong to this one. */
  readonly companions: Companions
  /** Tells the client what a step has changed that it should not have had to. */
  warn?(text: string): void
}

/**
 * Changes the status of an object in the namespace of the request, on the server's own account:
 * past admission and validation, and again from what is stored after each conflict with another
 * writer. `change` throws to refuse. A dry run stores nothing. Rejects with 404 when there is no
 * such object.
 */
export type StatusWriter = (
  group: string,
  resource: string,
  name: string,
  change: (draft: KubeObject, stored: KubeObject) => void,
) => Promise<void>

/** Writes on the server's own account, though part of the request: not for a dry run. */
export interface Companions {
  /** False: there is one of that name already. */
  create(group: string, resource: string, object: KubeObject): Promise<boolean>
  /** One that is not there is nothing to remove. */
  remove(
    group: string,
    resource: string,
    namespace: string | undefined,
    name: string,
  ): Promise<void>
}

/** Reads of other resources that strategies and admission need; answered from the watch caches. */
export interface Lister {
  get(
    group: string,
    resource: string,
    namespace: string | undefined,
    name: string,
  ): KubeObject | undefined
  list(group: string, resource: string, namespace?: string): Iterable<KubeObject>
  /**
   * The object as the store has it: a cache over a network may not have heard yet of what was just
   * written.
   */
  getLatest(
    group: string,
    resource: string,
    namespace: string | undefined,
    name: string,
  ): Promise<KubeObject | undefined>
}

export interface Allocation {
  /** The write was stored. */
  commit(): Promise<void>
  /** The write failed or was a dry run. */
  rollback(): Promise<void>
}

/**
 * A subresource that reads and writes part of the same object (`status`), or trades it for another
 * kind (`scale`), or acts (`binding`, `eviction`).
 */
export interface SubresourceStrategy<T extends KubeObject = KubeObject> {
  /** What GET answers; default: the object itself. */
  project?(stored: T): KubeObject
  /** Turns what the client sent into the object's new form. Default: what was sent. */
  inject?(stored: T, sent: KubeObject, context: StrategyContext): T
  prepareForUpdate?(draft: T, stored: T, context: StrategyContext): void
  validateUpdate?(draft: T, stored: T, context: StrategyContext): FieldError[]
  warningsOnUpdate?(draft: T, stored: T): string[]
  /** POST (binding, eviction): does the work and says what to answer. */
  create?(sent: KubeObject, name: string, context: SubresourceContext<T>): Promise<unknown>
  /** GET that answers something else than an object (log). */
  connect?(
    name: string,
    query: URLSearchParams,
    context: SubresourceContext<T>,
  ): Promise<{ status: number; contentType: string; body: Uint8Array }>
}

export interface SubresourceContext<T extends KubeObject> extends StrategyContext {
  /** Reads the parent, applies `change`, and writes it with conflict retries. */
  guaranteedUpdate(name: string, change: (draft: T, stored: T) => void): Promise<T>
  /** Deletes the parent as DELETE would, with the same options object. */
  delete(name: string, options: unknown): Promise<unknown>
}

export interface TableColumns<T extends KubeObject> {
  readonly columns: readonly ColumnDefinition[]
  /** Every event of a watch names the columns, not the first alone. */
  readonly alwaysNamesColumns?: boolean
  /** In which order a list's rows stand, when not in that of the names. */
  compare?(a: T, b: T): number
  /** One cell a column; numbers stay numbers. `nowMs` for ages. */
  cells(object: T, nowMs: number): readonly unknown[]
  /** Marks on a row (`Completed` for a Pod that has ended). */
  conditions?(
    object: T,
  ): readonly { type: string; status: string; reason?: string; message?: string }[]
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format: string
  readonly description: string
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number
}

/** Gives a strategy its types; changes nothing. */
export const defineStrategy = <T extends KubeObject>(strategy: Strategy<T>): Strategy<T> => strategy

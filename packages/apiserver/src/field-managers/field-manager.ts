import {
  ApplyConflict,
  applyOwnership,
  type Clock,
  creationSignature,
  FieldSet,
  formatTime,
  isEqual,
  type KubeObject,
  type ManagedFieldsEntry,
  type ManagedSet,
  TypedValueError,
  updateOwnership,
  type Versions,
  validateApplied,
} from '@miniplane/api'
import { capUpdaters } from './cap.js'
import type { FieldShapes } from './field-shapes.js'
import { identifierOf } from './identity.js'
import { allowedByLastApplied, withLastApplied } from './last-applied.js'
import {
  isReset,
  type Managed,
  ManagedFieldsError,
  NOBODY,
  readManaged,
  writeManaged,
} from './managed.js'
import { RecentlyUsed, signatureWeight } from './recently-used.js'

export interface FieldManagerOptions {
  readonly apiVersion: string
  /** Empty for the object itself. */
  readonly subresource: string
  /** Never owned by who writes through here. */
  readonly ignored: FieldSet
  readonly versions: Versions
  readonly shapes: FieldShapes
  readonly clock: Clock
}

/** The manager of one write, until it is known whether it owns anything. */
const CURRENT = 'current-operation'
/** Objects whose signatures are kept; longer ones than this are not. */
const CREATED_MAX = 128
const SIGNATURE_LENGTH_MAX = 8 * 1024
const BEFORE_FIRST_APPLY = 'before-first-apply'
/** The manager whose applies take over what client-side apply owned. */
const KUBECTL = 'kubectl'

export interface Applied {
  /** What `live` becomes; undefined when nothing but its managers changes. */
  readonly object: KubeObject | undefined
  readonly managed: Managed
}

/**
 * Keeps `metadata.managedFields` for writes of one kind in one version through one subresource.
 * Source: KEP-555 (server-side apply).
 */
export class FieldManager {
  readonly #options: FieldManagerOptions
  /** What new objects make their creator own, by signature. */
  readonly #created = new RecentlyUsed<string, FieldSet>(CREATED_MAX, signatureWeight)

  constructor(options: FieldManagerOptions) {
    this.#options = options
  }

  /**
   * Sets the draft's `managedFields`: `manager` owns what the draft adds or changes, whoever owned
   * it before, and nobody owns what it removes. The entries that a client sends count where they can
   * be read; others, and all that come through a subresource, are passed over. `live` is undefined
   * for a new object and not written to.
   */
  update(live: KubeObject | undefined, draft: KubeObject, manager: string): void {
    const managed = this.#sentOrLive(live, draft.metadata.managedFields)
    delete draft.metadata.managedFields
    this.write(draft, this.#recorded(live, draft, managed, manager))
  }

  /**
   * What comes of applying `config` to `live`, both as they are written. Throws `ApplyConflict`
   * for fields of other managers (unless `force`), `TypedValueError` for a config that does not fit
   * the schema, `ManagedFieldsError` for a live object that nobody should have been able to write.
   */
  apply(live: KubeObject, config: KubeObject, manager: string, force: boolean): Applied {
    validateApplied(config, this.#schema)
    const managed = this.#beforeApply(live, readManaged(live.metadata.managedFields, this.#shapes))
    const attempt = (forced: boolean) => this.#applied(live, config, managed, manager, forced)
    if (manager !== KUBECTL) return attempt(force)
    const { object, managed: after } = force ? attempt(true) : this.#migrating(live, attempt)
    const annotated = withLastApplied(object ?? live, config)
    return { object: annotated === live ? undefined : annotated, managed: after }
  }

  /** kubectl takes over, without force, what its client-side apply has set. */
  #migrating(live: KubeObject, attempt: (forced: boolean) => Applied): Applied {
    try {
      return attempt(false)
    } catch (error) {
      if (!(error instanceof ApplyConflict)) throw error
      const allowed = allowedByLastApplied(live, this.#options.apiVersion, this.#schema)
      if (!allowed) throw error
      const rest = error.conflicts.filter(({ path }) => !allowed.has(path))
      if (rest.length > 0) throw new ApplyConflict(rest)
      return attempt(true)
    }
  }

  /** Writes `managed` into the object's metadata. */
  write(object: KubeObject, managed: Managed): void {
    const entries = writeManaged(managed, this.#shapes)
    if (entries) object.metadata.managedFields = entries
    else delete object.metadata.managedFields
  }

  get #shapes(): FieldShapes {
    return this.#options.shapes
  }

  get #schema() {
    const { versions, apiVersion } = this.#options
    const schema = versions.schemaOf(apiVersion)
    if (!schema) throw new Error(`no schema of ${apiVersion}`)
    return schema
  }

  #identifier(manager: string, operation: 'Apply' | 'Update'): string {
    const { apiVersion, subresource } = this.#options
    return identifierOf({ manager: manager || 'unknown', operation, apiVersion, subresource })
  }

  #sentOrLive(live: KubeObject | undefined, sent: ManagedFieldsEntry[] | undefined): Managed {
    const ofLive = live?.metadata.managedFields
    if (this.#options.subresource === '' && sent !== ofLive) {
      if (isReset(sent)) return NOBODY
      if (!isEqual(sent, ofLive)) {
        const managed = this.#readOrNobody(sent)
        if (managed.sets.size > 0) return managed
      }
    }
    return this.#readOrNobody(ofLive)
  }

  #readOrNobody(entries: ManagedFieldsEntry[] | undefined): Managed {
    try {
      return readManaged(entries, this.#shapes)
    } catch (error) {
      // As if they were not there: clients may send anything, and a write is not refused for it.
      if (error instanceof ManagedFieldsError) return NOBODY
      throw error
    }
  }

  #recorded(
    live: KubeObject | undefined,
    draft: KubeObject,
    managed: Managed,
    manager: string,
  ): Managed {
    // Who reset the managers of an object does not want to hear of them, until somebody applies.
    if (managed.sets.size === 0 && live?.metadata.uid) return managed
    return capUpdaters(this.#updated(live, draft, managed, manager))
  }

  #updated(
    live: KubeObject | undefined,
    draft: KubeObject,
    managed: Managed,
    manager: string,
  ): Managed {
    if (!live && managed === NOBODY) return this.#ofCreator(draft, manager)
    const sets = this.#ownership(live, draft, managed)
    const current = sets.get(CURRENT)
    if (!current) return { ...managed, sets }
    const next = new Map(sets)
    next.delete(CURRENT)
    const identifier = this.#identifier(manager, 'Update')
    const former = next.get(identifier)
    const fields = former ? former.fields.union(current.fields) : current.fields
    next.set(identifier, { ...current, fields })
    return { ...managed, sets: next, times: this.#stamped(managed, identifier) }
  }

  /** A new object that says nothing of managers: its creator owns all of it. */
  #ofCreator(draft: KubeObject, manager: string): Managed {
    const { apiVersion } = this.#options
    const signature = creationSignature(draft, this.#schema)
    const known = signature === undefined ? undefined : this.#created.get(signature)
    const fields =
      known ?? this.#ownership(undefined, draft, NOBODY).get(CURRENT)?.fields ?? FieldSet.empty
    if (!known && signature !== undefined && signature.length <= SIGNATURE_LENGTH_MAX)
      this.#created.set(signature, fields)
    if (fields.isEmpty) return NOBODY
    const identifier = this.#identifier(manager, 'Update')
    const sets = new Map([[identifier, { apiVersion, isApplied: false, fields }]])
    return { ...NOBODY, sets, times: this.#stamped(NOBODY, identifier) }
  }

  #ownership(live: KubeObject | undefined, draft: KubeObject, { sets }: Managed) {
    const { apiVersion, versions, ignored } = this.#options
    try {
      return updateOwnership({
        before: live,
        after: draft,
        apiVersion,
        managers: sets,
        manager: CURRENT,
        versions,
        ignored,
      }).managers
    } catch (error) {
      // What does not fit its own schema has no fields to own; validation speaks of it.
      if (error instanceof TypedValueError) return sets
      throw error
    }
  }

  /** Before the first apply everything there is belongs to one manager, if nobody owned anything. */
  #beforeApply(live: KubeObject, managed: Managed): Managed {
    if (managed.sets.size > 0 || !live.metadata.uid) return managed
    return this.#updated(undefined, live, managed, BEFORE_FIRST_APPLY)
  }

  #applied(
    live: KubeObject,
    config: KubeObject,
    managed: Managed,
    manager: string,
    force: boolean,
  ): Applied {
    const { apiVersion, versions, ignored } = this.#options
    const identifier = this.#identifier(manager, 'Apply')
    const { object, managers } = applyOwnership({
      live,
      config,
      apiVersion,
      managers: managed.sets,
      manager: identifier,
      force,
      versions,
      ignored,
    })
    const sets: ReadonlyMap<string, ManagedSet> = managers
    if (!object) return { object: undefined, managed: { ...managed, sets } }
    const times = this.#stamped(managed, identifier)
    return { object: object as KubeObject, managed: { ...managed, sets, times } }
  }

  #stamped({ times }: Managed, identifier: string): ReadonlyMap<string, string> {
    return new Map(times).set(identifier, formatTime(this.#options.clock.now()))
  }
}

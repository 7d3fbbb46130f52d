/** One observed change that made somebody act. */
export interface Trigger {
  /** `group/resource`, such as `apps/replicasets`, or `/pods` for the core group. */
  readonly resource: string
  /** `namespace/name`, or `name` for cluster-scoped objects. */
  readonly key: string
  /** resourceVersion of the observed change. */
  readonly revision: string
}

/**
 * Why a request was made. A controller's client fills it in from the work item it is reconciling:
 * the changes that queued the item since it was last taken. A person's request has none.
 */
export interface Cause {
  /** Who acts: `deployment-controller`, `default-scheduler`, `kubelet/node-1`, … */
  readonly actor: string
  /** The work item's key, such as `default/web`. */
  readonly workItem?: string
  readonly triggers: readonly Trigger[]
}

/** The header in which `Cause` travels (as JSON) when the caller is not in the same process. */
export const CAUSE_HEADER = 'miniplane-cause'

/** One write and why it was made, as the API server records it. */
export interface CausalRecord {
  /** The write's resourceVersion. */
  readonly revision: string
  readonly verb: string
  readonly resource: string
  readonly subresource?: string
  readonly key: string
  readonly uid: string
  /** Key in the store. */
  readonly storageKey: string
  /** Milliseconds since the epoch, with fraction: when the write was committed. */
  readonly timeMs: number
  readonly user: string
  readonly userAgent: string
  readonly requestId: string
  /** Absent: the client did not say (an outside client); then the edge has to be inferred. */
  readonly cause?: Cause
  /** One line for people: `scaled to 3`, `bound to node-1`, `phase Running`. */
  readonly summary?: string
}

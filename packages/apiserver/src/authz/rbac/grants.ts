import type { ClusterRoleBinding, KubeObject, Role, RoleBinding, Subject } from '@miniplane/api'
import { goQuote } from '@miniplane/api'
import type { UserInfo } from '../../pipeline/stage.js'
import type { Verdict } from '../authorizer.js'
import type { Rule } from './rules.js'

/** Where the rules of a role are, or will be: bindings may name roles that are not there. */
export interface RoleSlot {
  /** `namespace/name`; a ClusterRole's namespace is empty. */
  readonly key: string
  readonly kind: 'Role' | 'ClusterRole'
  readonly name: string
  /** Undefined: there is no such role. */
  rules: readonly Rule[] | undefined
  /** How many grants lead here. */
  users: number
}

/** That one subject of one binding holds a role, everywhere or in a namespace. */
export class Grant {
  readonly role: RoleSlot
  /** `reader`, and `reader/default` in a namespace. */
  readonly binding: string
  readonly #subject: Subject
  readonly #namespace: string
  #allowed: Verdict | undefined

  constructor(binding: RoleBinding | ClusterRoleBinding, subject: Subject, role: RoleSlot) {
    const { name = '', namespace = '' } = binding.metadata
    this.role = role
    this.binding = namespace ? `${name}/${namespace}` : name
    this.#subject = subject
    this.#namespace = namespace
  }

  /** What to answer when the role allows a request; the words are made once. */
  get allowed(): Verdict {
    this.#allowed ??= { decision: 'allow', reason: this.#reason() }
    return this.#allowed
  }

  #reason(): string {
    const { kind, name } = this.role
    const binding = this.#namespace ? 'RoleBinding' : 'ClusterRoleBinding'
    const whom =
      this.#subject.kind === 'ServiceAccount'
        ? `${this.#subject.name}/${this.#subject.namespace || this.#namespace}`
        : this.#subject.name
    return `RBAC: allowed by ${binding} ${goQuote(this.binding)} of ${kind} ${goQuote(name)} to ${this.#subject.kind} ${goQuote(whom)}`
  }
}

const NONE: readonly Grant[] = []

/** Grants of one subject, by namespace; those that hold everywhere under ''. */
type Holder = Map<string, Grant[]>

/**
 * Who holds which roles where: subject → bindings → roles, kept up to date object by object, so
 * that a request meets only the bindings of its user and groups.
 */
export class Grants {
  /** By `namespace/name`; a ClusterRole's namespace is empty. */
  readonly #roles = new Map<string, RoleSlot>()
  readonly #users = new Map<string, Holder>()
  readonly #groups = new Map<string, Holder>()
  /** What to take away with a binding, by `namespace/name`. */
  readonly #bindings = new Map<string, readonly (() => void)[]>()

  /** The first of the grants in `namespace` (everywhere, when empty) that `test` accepts. */
  find(
    { name, groups }: UserInfo,
    namespace: string,
    test: (grant: Grant) => boolean,
  ): Grant | undefined {
    const own = this.#users.get(name)?.get(namespace)
    if (own) for (const grant of own) if (test(grant)) return grant
    for (const group of groups) {
      const shared = this.#groups.get(group)?.get(namespace)
      if (shared) for (const grant of shared) if (test(grant)) return grant
    }
    return undefined
  }

  /** The user's own first, then his groups', in their order. */
  *of({ name, groups }: UserInfo, namespace: string): Generator<Grant> {
    yield* this.#users.get(name)?.get(namespace) ?? NONE
    for (const group of groups) yield* this.#groups.get(group)?.get(namespace) ?? NONE
  }

  rulesOf(kind: RoleSlot['kind'], namespace: string, name: string): readonly Rule[] | undefined {
    return this.#roles.get(kind === 'Role' ? `${namespace}/${name}` : `/${name}`)?.rules
  }

  putRole(object: KubeObject): void {
    this.#slotOf(object).rules = (object as Role).rules ?? []
  }

  removeRole(object: KubeObject): void {
    this.#empty(this.#slotOf(object))
  }

  forgetRoles(kind: RoleSlot['kind']): void {
    for (const slot of this.#roles.values()) if (slot.kind === kind) this.#empty(slot)
  }

  putBinding(object: KubeObject): void {
    this.removeBinding(object)
    const binding = object as RoleBinding
    const { namespace = '' } = binding.metadata
    const { kind, name } = binding.roleRef
    const role = this.#slot(kind === 'Role' ? 'Role' : 'ClusterRole', namespace, name)
    const undos = (binding.subjects ?? []).flatMap((subject) => {
      const found = this.#holdersOf(subject, namespace)
      return found ? [add(...found, namespace, new Grant(binding, subject, role))] : []
    })
    role.users++
    undos.push(() => {
      role.users--
      if (!role.rules) this.#empty(role)
    })
    this.#bindings.set(keyOf(binding), undos)
  }

  removeBinding(object: KubeObject): void {
    const key = keyOf(object)
    for (const undo of this.#bindings.get(key) ?? []) undo()
    this.#bindings.delete(key)
  }

  /** Drops the bindings of the cluster, or those of all namespaces. */
  forgetBindings(namespaced: boolean): void {
    for (const [key, undos] of this.#bindings) {
      if (key.startsWith('/') === namespaced) continue
      for (const undo of undos) undo()
      this.#bindings.delete(key)
    }
  }

  #slotOf({ metadata: { namespace, name = '' } }: KubeObject): RoleSlot {
    return this.#slot(namespace ? 'Role' : 'ClusterRole', namespace ?? '', name)
  }

  #slot(kind: RoleSlot['kind'], namespace: string, name: string): RoleSlot {
    const key = kind === 'Role' ? `${namespace}/${name}` : `/${name}`
    let slot = this.#roles.get(key)
    if (!slot) {
      slot = { key, kind, name, rules: undefined, users: 0 }
      this.#roles.set(key, slot)
    }
    return slot
  }

  #empty(slot: RoleSlot): void {
    slot.rules = undefined
    if (slot.users === 0) this.#roles.delete(slot.key)
  }

  #holdersOf(
    { kind, name, namespace }: Subject,
    ofBinding: string,
  ): [Map<string, Holder>, string] | undefined {
    switch (kind) {
      case 'User':
        return [this.#users, name]
      case 'Group':
        return [this.#groups, name]
      case 'ServiceAccount': {
        const home = namespace || ofBinding
        return home ? [this.#users, `system:serviceaccount:${home}:${name}`] : undefined
      }
      default:
        return undefined
    }
  }
}

const keyOf = ({ metadata: { namespace = '', name } }: KubeObject) => `${namespace}/${name}`

/** Returns what takes the grant away again, and all that was there for it alone. */
function add(
  holders: Map<string, Holder>,
  name: string,
  namespace: string,
  grant: Grant,
): () => void {
  const holder = holders.get(name) ?? new Map<string, Grant[]>()
  holders.set(name, holder)
  const list = holder.get(namespace)
  if (list) list.push(grant)
  else holder.set(namespace, [grant])
  return () => {
    const left = (holder.get(namespace) ?? []).filter((one) => one !== grant)
    if (left.length > 0) {
      holder.set(namespace, left)
      return
    }
    holder.delete(namespace)
    if (holder.size === 0 && holders.get(name) === holder) holders.delete(name)
  }
}

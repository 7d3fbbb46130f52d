import { StoreError } from '../errors.js'
import type { Member } from '../wire/cluster.js'
import { byId, formatId, memberIdOf, parseId } from './ids.js'
import { memberFromJson, memberToJson } from './member-json.js'
import { checkUrls, type InitialCluster } from './urls.js'

/** One step from one membership to the next. */
export type MemberChange =
  /** A voter or, with `isLearner`, a learner. */
  | { readonly kind: 'add'; readonly member: Member }
  | { readonly kind: 'promote'; readonly id: bigint }
  | { readonly kind: 'remove'; readonly id: bigint }
  | { readonly kind: 'update'; readonly id: bigint; readonly peerUrls: readonly string[] }

export interface DowngradeInfo {
  readonly enabled: boolean
  readonly targetVersion: string
}

/** Records of a database file, by bucket. Source: etcd, schema. */
export interface MembershipBuckets {
  readonly members: ReadonlyMap<string, string>
  readonly members_removed: ReadonlyMap<string, string>
  readonly cluster: ReadonlyMap<string, string>
}

/** What is known of a cluster besides its members. */
export interface KnownCluster {
  readonly removedIds?: readonly bigint[]
  readonly clusterVersion?: string | undefined
  readonly downgrade?: DowngradeInfo | undefined
}

const LEARNERS_MAX = 1

/**
 * Who belongs to the cluster: a part of the replicated state, changed by log entries alone. Copies
 * are O(1): what is inside is replaced, never written to.
 */
export class Membership {
  #members: ReadonlyMap<bigint, Member> = new Map()
  #removed: ReadonlySet<bigint> = new Set()
  #clusterVersion: string | undefined
  #downgrade: DowngradeInfo = { enabled: false, targetVersion: '' }

  /** By id. */
  get members(): readonly Member[] {
    return [...this.#members.values()].sort((a, b) => byId(a.id, b.id))
  }

  get voters(): readonly Member[] {
    return this.members.filter(({ isLearner }) => !isLearner)
  }

  get removedIds(): readonly bigint[] {
    return [...this.#removed].sort(byId)
  }

  /** The version that all members understand, `3.6.0`; undefined until they have agreed on it. */
  get clusterVersion(): string | undefined {
    return this.#clusterVersion
  }

  get downgrade(): DowngradeInfo {
    return this.#downgrade
  }

  get(id: bigint): Member | undefined {
    return this.#members.get(id)
  }

  isRemoved(id: bigint): boolean {
    return this.#removed.has(id)
  }

  clone(): Membership {
    const copy = new Membership()
    copy.#members = this.#members
    copy.#removed = this.#removed
    copy.#clusterVersion = this.#clusterVersion
    copy.#downgrade = this.#downgrade
    return copy
  }

  /** Throws the StoreError with which the change would be refused. */
  validate(change: MemberChange): void {
    const id = change.kind === 'add' ? change.member.id : change.id
    if (this.#removed.has(id)) throw refusal('MemberNotFound')
    const known = this.#members.get(id)
    if (change.kind === 'add') {
      if (known !== undefined) throw refusal('MemberExists')
      this.#assertNewUrls(id, change.member.peerUrls)
      if (change.member.isLearner) this.#assertRoomForLearner()
      return
    }
    if (known === undefined) throw refusal('MemberNotFound')
    if (change.kind === 'promote' && !known.isLearner) throw refusal('MemberNotLearner')
    if (change.kind === 'update') this.#assertNewUrls(id, change.peerUrls)
  }

  /** Makes all of the changes or, with a StoreError, none. */
  apply(changes: readonly MemberChange[]): void {
    const after = this.clone()
    for (const change of changes) {
      after.validate(change)
      after.#make(change)
    }
    this.#members = after.#members
    this.#removed = after.#removed
  }

  #make(change: MemberChange): void {
    const members = new Map(this.#members)
    if (change.kind === 'add') {
      members.set(change.member.id, change.member)
    } else if (change.kind === 'remove') {
      members.delete(change.id)
      this.#removed = new Set([...this.#removed, change.id])
    } else {
      const known = members.get(change.id) as Member
      const difference =
        change.kind === 'promote' ? { isLearner: false } : { peerUrls: [...change.peerUrls] }
      members.set(change.id, { ...known, ...difference })
    }
    this.#members = members
  }

  /** What a member says of itself once it runs. Says nothing new of one that was removed. */
  setAttributes(id: bigint, name: string, clientUrls: readonly string[]): void {
    const known = this.#members.get(id)
    if (known === undefined) return
    this.#members = new Map(this.#members).set(id, { ...known, name, clientUrls: [...clientUrls] })
  }

  setClusterVersion(version: string): void {
    this.#clusterVersion = version
  }

  setDowngrade(info: DowngradeInfo): void {
    this.#downgrade = info
  }

  toBuckets(): MembershipBuckets {
    const { enabled, targetVersion } = this.#downgrade
    const cluster = new Map<string, string>()
    if (this.#clusterVersion !== undefined) cluster.set('clusterVersion', this.#clusterVersion)
    if (enabled || targetVersion !== '') {
      cluster.set('downgrade', JSON.stringify({ 'target-version': targetVersion, enabled }))
    }
    return {
      members: new Map(this.members.map((member) => [formatId(member.id), memberToJson(member)])),
      members_removed: new Map(this.removedIds.map((id) => [formatId(id), 'removed'])),
      cluster,
    }
  }

  /** Throws an Error that names the record that can't be read. */
  static fromBuckets(buckets: MembershipBuckets): Membership {
    const membership = new Membership()
    membership.#members = new Map(
      [...buckets.members].map(([key, text]) => [idOf('members', key), readMember(key, text)]),
    )
    membership.#removed = new Set(
      [...buckets.members_removed.keys()].map((key) => idOf('members_removed', key)),
    )
    membership.#clusterVersion = buckets.cluster.get('clusterVersion')
    const downgrade = buckets.cluster.get('downgrade')
    if (downgrade !== undefined) membership.#downgrade = readDowngrade(downgrade)
    return membership
  }

  /** Already applied: for a member that knows the cluster from others, or from a snapshot. */
  static of(members: readonly Member[], known: KnownCluster = {}): Membership {
    const membership = new Membership()
    membership.#members = new Map(members.map((member) => [member.id, member]))
    membership.#removed = new Set(known.removedIds)
    membership.#clusterVersion = known.clusterVersion
    membership.#downgrade = known.downgrade ?? membership.#downgrade
    return membership
  }

  #assertNewUrls(id: bigint, peerUrls: readonly string[]): void {
    for (const member of this.#members.values()) {
      if (member.id === id) continue
      if (member.peerUrls.some((url) => peerUrls.includes(url))) throw refusal('PeerUrlExists')
    }
  }

  #assertRoomForLearner(): void {
    let learners = 0
    for (const { isLearner } of this.#members.values()) if (isLearner) learners++
    if (learners >= LEARNERS_MAX) throw refusal('TooManyLearners')
  }
}

/** A member that is added at run time; without a name until it has started. */
export function newMember(
  peerUrls: readonly string[],
  isLearner: boolean,
  nowSeconds: number,
): Member {
  const urls = checkMemberUrls(peerUrls)
  const id = memberIdOf(urls, '', nowSeconds)
  return { id, name: '', peerUrls: urls, clientUrls: [], isLearner }
}

/** As `checkUrls`, with the refusal that clients know. */
export function checkMemberUrls(peerUrls: readonly string[]): string[] {
  try {
    return checkUrls(peerUrls)
  } catch {
    // What is wrong with them, etcd doesn't say either.
    throw refusal('MemberBadUrls')
  }
}

/** The members of a new cluster, by id: the same on each of them. Throws on equal ids. */
export function initialMembers(cluster: InitialCluster, token: string): Member[] {
  const members = new Map<bigint, Member>()
  for (const [name, peerUrls] of cluster) {
    const id = memberIdOf(peerUrls, token)
    if (members.has(id)) throw new Error(`member exists with identical ID ${formatId(id)}`)
    members.set(id, { id, name, peerUrls: [...peerUrls], clientUrls: [], isLearner: false })
  }
  return [...members.values()].sort((a, b) => byId(a.id, b.id))
}

type Refusal =
  | 'MemberExists'
  | 'PeerUrlExists'
  | 'MemberNotFound'
  | 'MemberNotLearner'
  | 'TooManyLearners'
  | 'MemberBadUrls'

const refusal = (code: Refusal): StoreError => new StoreError({ code })

function idOf(bucket: string, key: string): bigint {
  const id = parseId(key)
  if (id === undefined) throw new Error(`${JSON.stringify(key)} in bucket ${bucket} is not an id`)
  return id
}

function readMember(key: string, text: string): Member {
  try {
    return memberFromJson(text)
  } catch (cause) {
    throw new Error(`member ${key} in the database can't be read: ${String(cause)}`, { cause })
  }
}

function readDowngrade(text: string): DowngradeInfo {
  const value: unknown = JSON.parse(text)
  const { enabled, 'target-version': target } = (value ?? {}) as Record<string, unknown>
  return { enabled: enabled === true, targetVersion: typeof target === 'string' ? target : '' }
}

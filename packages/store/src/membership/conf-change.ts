import type {
  ConfChange,
  ConfChangeSingle,
  ConfChangeType,
  Entry,
  EntryType,
} from '../raft/types.js'
import type { Member } from '../wire/cluster.js'
import { ConfChange as ConfChangeV1, ConfChangeV2 } from '../wire/raft.js'
import { memberFrom, memberToJson, parseWithId } from './member-json.js'
import type { MemberChange } from './membership.js'

/** A change of membership as an entry's data. */
export interface ConfChangeEntry {
  readonly type: EntryType
  readonly data: Uint8Array
}

/** What an entry of one of both kinds says. */
export interface DecodedConfChange {
  /** By which the member that proposed it knows it again; 0n: nobody waits. */
  readonly requestId: bigint
  /** For the core. */
  readonly change: ConfChange
  /** For the `Membership`; none when a joint configuration is left. */
  readonly memberChanges: readonly MemberChange[]
}

/**
 * One change is etcd's ConfChange, whose context is the member as JSON. Several at once are a
 * ConfChangeV2 (joint consensus), which etcd never proposes: the form of its context is ours.
 */
export function encodeConfChange(
  requestId: bigint,
  changes: readonly MemberChange[],
): ConfChangeEntry {
  const [only] = changes
  if (changes.length === 1 && only !== undefined) {
    const single = { ...singleOf(only), context: Buffer.from(contextOf(only)) }
    return { type: 'EntryConfChange', data: ConfChangeV1.encode({ id: requestId, ...single }) }
  }
  const contexts = changes.map((change) => contextOf(change) || '{}')
  const data = ConfChangeV2.encode({
    changes: changes.map(singleOf),
    context: Buffer.from(`{"requestId":"${requestId}","members":[${contexts.join(',')}]}`),
  })
  return { type: 'EntryConfChangeV2', data }
}

/** Throws a MalformedMessage, SyntaxError or TypeError: such an entry was not made by a member. */
export function decodeConfChange(entry: Pick<Entry, 'type' | 'data'>): DecodedConfChange {
  return entry.type === 'EntryConfChangeV2' ? decodeV2(entry.data) : decodeV1(entry.data)
}

function decodeV1(data: Uint8Array): DecodedConfChange {
  const { id, type, nodeId, context } = ConfChangeV1.decode(data)
  const single = { type, nodeId }
  return {
    requestId: id,
    change: { transition: 'auto', changes: [single] },
    memberChanges: [memberChangeOf(single, context.length === 0 ? {} : parseWithId(text(context)))],
  }
}

const transitions = {
  ConfChangeTransitionAuto: 'auto',
  ConfChangeTransitionJointImplicit: 'jointImplicit',
  ConfChangeTransitionJointExplicit: 'jointExplicit',
} as const

function decodeV2(data: Uint8Array): DecodedConfChange {
  const { transition, changes, context } = ConfChangeV2.decode(data)
  const { requestId, members } = context.length === 0 ? {} : (parseWithId(text(context)) ?? {})
  const contexts: unknown[] = Array.isArray(members) ? members : []
  return {
    requestId: typeof requestId === 'string' ? BigInt(requestId) : 0n,
    change: { transition: transitions[transition], changes },
    memberChanges: changes.map((single, i) =>
      memberChangeOf(single, contexts[i] as Record<string, unknown> | undefined),
    ),
  }
}

function memberChangeOf(
  { type, nodeId }: ConfChangeSingle,
  context: Readonly<Record<string, unknown>> | undefined,
): MemberChange {
  if (type === 'ConfChangeRemoveNode') return { kind: 'remove', id: nodeId }
  if (context?.isPromote === true) return { kind: 'promote', id: nodeId }
  const member = memberFrom(context)
  if (member.id !== nodeId) {
    throw new TypeError(`a change of member ${nodeId} comes with member ${member.id}`)
  }
  if (type === 'ConfChangeUpdateNode') {
    return { kind: 'update', id: nodeId, peerUrls: member.peerUrls }
  }
  return { kind: 'add', member: { ...member, isLearner: type === 'ConfChangeAddLearnerNode' } }
}

function singleOf(change: MemberChange): ConfChangeSingle {
  return change.kind === 'add'
    ? { type: typeOf(change), nodeId: change.member.id }
    : { type: typeOf(change), nodeId: change.id }
}

function typeOf(change: MemberChange): ConfChangeType {
  switch (change.kind) {
    case 'add':
      return change.member.isLearner ? 'ConfChangeAddLearnerNode' : 'ConfChangeAddNode'
    case 'promote':
      return 'ConfChangeAddNode'
    case 'remove':
      return 'ConfChangeRemoveNode'
    case 'update':
      return 'ConfChangeUpdateNode'
  }
}

function contextOf(change: MemberChange): string {
  switch (change.kind) {
    case 'add':
      return memberToJson(change.member)
    case 'promote':
      return `{"id":${change.id},"peerURLs":null,"isPromote":true}`
    case 'remove':
      return ''
    case 'update':
      return memberToJson(nameless(change.id, change.peerUrls))
  }
}

const nameless = (id: bigint, peerUrls: readonly string[]): Member => ({
  id,
  name: '',
  peerUrls: [...peerUrls],
  clientUrls: [],
  isLearner: false,
})

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

import type { Member } from '../wire/cluster.js'
import { formatId } from './ids.js'

/** What of a cluster stands in the store that etcd had before v3. */
export interface V2Membership {
  readonly members: readonly Member[]
  readonly removedMemberIds: readonly bigint[]
  readonly clusterVersion: string | undefined
}

/**
 * The membership as etcd's v2 store, in JSON. We read none of it: a member of etcd that is sent a
 * snapshot demands that the message has one, up to 3.6 at least, and writes to it later.
 *
 * Source: etcd, server/etcdserver/api/v2store, `Recovery` (3.4 to 3.6).
 */
export function membershipAsV2Store(known: V2Membership): Uint8Array {
  const { members, removedMemberIds, clusterVersion } = known
  const cluster = {
    members: folder('/0/members', Object.fromEntries(members.map(memberFolder))),
    removed_members: folder(
      '/0/removed_members',
      Object.fromEntries(
        removedMemberIds.map((id) => {
          const name = formatId(id)
          return [name, file(`/0/removed_members/${name}`, '')]
        }),
      ),
    ),
    ...(clusterVersion !== undefined && { version: file('/0/version', clusterVersion) }),
  }
  const store = {
    Root: folder('/', { 0: folder('/0', cluster), 1: folder('/1', {}) }),
    WatcherHub: { EventHistory: NO_HISTORY },
    CurrentIndex: INDEX,
    Stats: {},
    CurrentVersion: 2,
  }
  return Buffer.from(JSON.stringify(store))
}

function memberFolder({ id, name, peerUrls, clientUrls, isLearner }: Member): [string, Node] {
  const path = `/0/members/${formatId(id)}`
  const raft = { peerURLs: peerUrls, ...(isLearner && { isLearner }) }
  const attributes = { ...(name !== '' && { name }), clientURLs: clientUrls }
  return [
    formatId(id),
    folder(path, {
      raftAttributes: file(`${path}/raftAttributes`, JSON.stringify(raft)),
      // A member without any has not begun yet.
      ...(name !== '' && { attributes: file(`${path}/attributes`, JSON.stringify(attributes)) }),
    }),
  ]
}

interface Node {
  readonly Path: string
  readonly Value: string
  readonly Children: Readonly<Record<string, Node>> | null
}

/** Nobody asks when something was written. */
const INDEX = 1
const NEVER = '0001-01-01T00:00:00Z'

const node = (Path: string, Value: string, Children: Node['Children']) => ({
  Path,
  CreatedIndex: INDEX,
  ModifiedIndex: INDEX,
  ExpireTime: NEVER,
  Value,
  Children,
})
const folder = (path: string, children: Record<string, Node>): Node => node(path, '', children)
const file = (path: string, value: string): Node => node(path, value, null)

/** The next events are written into a ring of this size, which has to be there. */
const HISTORY_SIZE = 1000
const NO_HISTORY = {
  Queue: {
    Events: new Array<null>(HISTORY_SIZE).fill(null),
    Size: 0,
    Front: 0,
    Back: 0,
    Capacity: HISTORY_SIZE,
  },
  StartIndex: 0,
  LastIndex: 0,
}

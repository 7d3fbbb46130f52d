import type { Member } from '../wire/cluster.js'
import { type ConfChangeEntry, encodeConfChange } from './conf-change.js'
import { clusterIdOf, formatId } from './ids.js'
import { initialMembers } from './membership.js'
import { formatInitialCluster, type InitialCluster } from './urls.js'

/** What a running cluster answers to whoever asks for its members. */
export interface RemoteCluster {
  readonly clusterId: bigint
  readonly members: readonly Member[]
}

export interface BootstrapOptions {
  readonly initialCluster: InitialCluster
  readonly state: 'new' | 'existing'
  readonly token: string
  readonly ourName: string
  /** What we advertise to peers. */
  readonly ourPeerUrls: readonly string[]
  /** Asks one after the other; undefined when none answers. */
  readonly fetchMembers: (peerUrls: readonly string[]) => Promise<RemoteCluster | undefined>
}

export interface BootstrappedCluster {
  readonly memberId: bigint
  readonly clusterId: bigint
  /** By id. */
  readonly members: readonly Member[]
  /** It begins now: its log begins with `bootstrapEntries`. */
  readonly isNewCluster: boolean
}

/**
 * Finds out who we are when there is no log yet. Rejects with an Error in etcd's words when what is
 * configured can't be true. Source: etcd, bootstrap.go and config.go.
 */
export function bootstrapCluster(options: BootstrapOptions): Promise<BootstrappedCluster> {
  return options.state === 'new' ? bootstrapNew(options) : joinExisting(options)
}

/**
 * The log with which every member of a new cluster begins: an entry for each member, by id, all of
 * term 1 and committed.
 */
export const bootstrapEntries = (members: readonly Member[]): ConfChangeEntry[] =>
  members.map((member) => encodeConfChange(0n, [{ kind: 'add', member }]))

async function bootstrapNew(options: BootstrapOptions): Promise<BootstrappedCluster> {
  checkInitialCluster(options)
  checkAdvertised(options)
  const members = initialMembers(options.initialCluster, options.token)
  const { id } = ours(members, options)
  const remote = await options.fetchMembers(urlsOfOthers(options))
  // It runs elsewhere, or ran here: with an empty log it would vote a second time.
  if ((remote?.members.find((member) => member.id === id)?.clientUrls.length ?? 0) > 0) {
    throw new Error(`member ${formatId(id)} has already been bootstrapped`)
  }
  const clusterId = clusterIdOf(members.map((member) => member.id))
  return { memberId: id, clusterId, members, isNewCluster: true }
}

async function joinExisting(options: BootstrapOptions): Promise<BootstrappedCluster> {
  checkInitialCluster(options)
  const remote = await options.fetchMembers(urlsOfOthers(options))
  if (remote === undefined) {
    throw new Error(
      'cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs',
    )
  }
  const members = adoptIds(initialMembers(options.initialCluster, options.token), remote)
  const { id: memberId } = ours(members, options)
  return { memberId, clusterId: remote.clusterId, members, isNewCluster: false }
}

/** We know the members by their URLs; those that are there know them by their ids. */
function adoptIds(local: readonly Member[], remote: RemoteCluster): Member[] {
  const mismatch = (problem: string): Error =>
    new Error(`error validating peerURLs ${describe(remote)}: ${problem}`)
  if (local.length !== remote.members.length) throw mismatch('member count is unequal')
  return remote.members.map((member) => {
    const urls = [...member.peerUrls].sort().join()
    const same = local.find(({ peerUrls }) => [...peerUrls].sort().join() === urls)
    if (same === undefined) {
      throw mismatch(
        `PeerURLs: no match found for existing member (${formatId(member.id)}, [${member.peerUrls.join(' ')}]), last resolver error (<nil>)`,
      )
    }
    return { ...member, name: same.name }
  })
}

function describe({ clusterId, members }: RemoteCluster): string {
  const list = members.map(
    ({ id, name, peerUrls, clientUrls }) =>
      `&{ID:${formatId(id)} RaftAttributes:{PeerURLs:[${peerUrls.join(' ')}]} Attributes:{Name:${name} ClientURLs:[${clientUrls.join(' ')}]}}`,
  )
  return `{ClusterID:${formatId(clusterId)} Members:[${list.join(' ')}] RemovedMemberIDs:[]}`
}

function checkInitialCluster({ initialCluster, ourName }: BootstrapOptions): void {
  if (!initialCluster.has(ourName)) {
    throw new Error(
      `couldn't find local name ${JSON.stringify(ourName)} in the initial cluster configuration`,
    )
  }
  const urls = [...initialCluster.values()].flat()
  if (new Set(urls).size < urls.length) {
    throw new Error(`initial cluster ${formatInitialCluster(initialCluster)} has duplicate url`)
  }
}

/** Names may be written differently on both sides, and still resolve to the same: that is legal. */
function checkAdvertised({ initialCluster, ourName, ourPeerUrls }: BootstrapOptions): void {
  const configured = initialCluster.get(ourName) ?? []
  const advertised = [...ourPeerUrls].sort()
  const missing = configured.filter((url) => !advertised.includes(url))
  if (missing.length > 0) {
    const list = missing.map((url) => `${ourName}=${url}`).join(',')
    throw new Error(
      `--initial-cluster has ${list} but missing from --initial-advertise-peer-urls=${advertised.join(',')}`,
    )
  }
  const surplus = advertised.filter((url) => !configured.includes(url))
  if (surplus.length > 0) {
    const list = advertised.map((url) => `${ourName}=${url}`).join(',')
    throw new Error(
      `--initial-advertise-peer-urls has ${surplus.join(',')} but missing from --initial-cluster=${list}`,
    )
  }
}

function ours(members: readonly Member[], { ourName }: BootstrapOptions): Member {
  const member = members.find(({ name }) => name === ourName)
  if (member === undefined) {
    throw new Error(`couldn't find local name ${JSON.stringify(ourName)} among the members`)
  }
  return member
}

const urlsOfOthers = ({ initialCluster, ourName }: BootstrapOptions): string[] =>
  [...initialCluster].flatMap(([name, urls]) => (name === ourName ? [] : urls)).sort()

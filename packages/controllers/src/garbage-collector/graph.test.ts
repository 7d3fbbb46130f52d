import type { ObjectMeta, OwnerReference } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { blockingDependents, type Consequences, type GraphNode, OwnerGraph } from './graph.js'

interface Shape {
  readonly owners?: readonly string[]
  readonly finalizers?: readonly string[]
  readonly deleted?: boolean
  readonly namespace?: string
  readonly block?: boolean
}

const reference = (uid: string, blockOwnerDeletion: boolean): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'Thing',
  name: uid,
  uid,
  blockOwnerDeletion,
})

const metadata = ({ owners = [], finalizers = [], deleted, block = true }: Shape): ObjectMeta => ({
  ownerReferences: owners.map((uid) => reference(uid, block)),
  finalizers: [...finalizers],
  ...(deleted ? { deletionTimestamp: 'now' } : {}),
})

function newGraph() {
  const graph = new OwnerGraph()
  const put = (uid: string, shape: Shape = {}) => {
    const namespace = shape.namespace ?? 'default'
    const ref = { group: '', version: 'v1', resource: 'things', kind: 'Thing', namespaced: true }
    const identity = { ref, apiVersion: 'v1', kind: 'Thing', namespace, name: uid, uid }
    return names(graph.put(identity, metadata(shape)))
  }
  return { graph, put, remove: (uid: string) => names(graph.remove(uid)) }
}

const uids = (nodes: readonly GraphNode[]) => nodes.map(({ identity }) => identity.uid).sort()

const names = ({ check, orphan, misplaced }: Consequences) => ({
  check: uids(check),
  orphan: uids(orphan),
  misplaced: uids(misplaced),
})

const nothing = { check: [], orphan: [], misplaced: [] }

describe('OwnerGraph', () => {
  it('has nothing to do while everybody is there', () => {
    const { put } = newGraph()
    expect(put('deployment')).toEqual(nothing)
    expect(put('replicaset', { owners: ['deployment'] })).toEqual(nothing)
    expect(put('pod', { owners: ['replicaset'] })).toEqual(nothing)
    expect(put('pod', { owners: ['replicaset'] })).toEqual(nothing)
  })

  it('looks at who names an owner by a name that is not its own, whoever comes first', () => {
    const { graph, put } = newGraph()
    const identity = {
      ref: undefined,
      apiVersion: 'v1',
      kind: 'Thing',
      namespace: 'default',
      name: 'child',
      uid: 'child',
    }
    const owner = { ...reference('owner', true), kind: 'OtherThing' }
    put('owner')
    expect(names(graph.put(identity, { ownerReferences: [owner] })).check).toEqual(['child'])
    const early = { ...reference('late', true), name: 'other-name' }
    graph.put({ ...identity, uid: 'early' }, { ownerReferences: [early] })
    expect(put('late').check).toEqual(['early'])
  })

  it('looks at the dependents of what is gone', () => {
    const { put, remove } = newGraph()
    put('replicaset')
    put('a', { owners: ['replicaset'] })
    put('b', { owners: ['replicaset'] })
    expect(remove('replicaset').check).toEqual(['a', 'b'])
    expect(remove('unknown')).toEqual(nothing)
  })

  it('looks for an owner that it has not seen, once', () => {
    const { graph, put } = newGraph()
    expect(put('a', { owners: ['absent'] }).check).toEqual(['absent'])
    expect(put('b', { owners: ['absent'] })).toEqual(nothing)
    expect(graph.get('absent')?.isVirtual).toBe(true)
    put('absent')
    expect(graph.get('absent')?.isVirtual).toBe(false)
  })

  it('forgets an owner that it has not seen when nobody names it any more', () => {
    const { graph, put, remove } = newGraph()
    put('a', { owners: ['absent'] })
    remove('a')
    expect(graph.size).toBe(0)
  })

  it('looks at dependents and owner when the owner begins to wait for them', () => {
    const { put } = newGraph()
    put('owner')
    put('a', { owners: ['owner'] })
    const waiting = { deleted: true, finalizers: ['foregroundDeletion'] }
    expect(put('owner', waiting).check).toEqual(['a', 'owner'])
    expect(put('owner', waiting)).toEqual(nothing)
  })

  it('looks at the waiting owner when a dependent is gone, or no longer its own', () => {
    const { put, remove } = newGraph()
    put('owner', { deleted: true, finalizers: ['foregroundDeletion'] })
    put('a', { owners: ['owner'] })
    put('b', { owners: ['owner'] })
    expect(remove('a').check).toEqual(['owner'])
    expect(put('b', {}).check).toContain('owner')
  })

  it('lets the dependents of an orphaning owner go, once', () => {
    const { put } = newGraph()
    put('owner')
    put('a', { owners: ['owner'] })
    const orphaning = { deleted: true, finalizers: ['orphan'] }
    expect(put('owner', orphaning)).toEqual({ check: [], orphan: ['owner'], misplaced: [] })
    expect(put('owner', orphaning)).toEqual(nothing)
  })

  it('tells of owners in another namespace, whichever of the two is seen first', () => {
    const first = newGraph()
    first.put('owner', { namespace: 'a' })
    const seen = first.put('child', { owners: ['owner'], namespace: 'b' })
    expect(seen).toEqual({ check: ['child'], orphan: [], misplaced: ['child'] })

    const second = newGraph()
    second.put('child', { owners: ['owner'], namespace: 'b' })
    expect(second.put('owner', { namespace: 'a' }).misplaced).toEqual(['child'])
  })

  it('lets a cluster-scoped owner own what is in any namespace', () => {
    const { put } = newGraph()
    put('node', { namespace: '' })
    expect(put('lease', { owners: ['node'], namespace: 'kube-node-lease' })).toEqual(nothing)
  })
})

describe('blockingDependents', () => {
  it('are those that say so', () => {
    const { graph, put } = newGraph()
    put('owner')
    put('a', { owners: ['owner'], block: false })
    put('b', { owners: ['owner'] })
    const owner = graph.get('owner')
    expect(owner && uids(blockingDependents(owner))).toEqual(['b'])
  })
})

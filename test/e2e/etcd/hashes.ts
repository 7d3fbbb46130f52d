import { expect } from 'vitest'
import type { EtcdCluster } from '../../support/etcd-cluster.js'
import { eventually } from '../../support/eventually.js'

interface HashOfMember {
  readonly HashKV: { readonly hash: number; readonly header: { readonly revision: number } }
}

/** Every member holds the same history: the same hash at the same revision. Answers both. */
export function sameHashes(
  cluster: EtcdCluster,
  members: number,
): Promise<{ hash: number; revision: number }> {
  return eventually(async () => {
    const answer = await cluster.ctl('endpoint', 'hashkv', '--cluster', '--write-out=json')
    const hashes = (JSON.parse(answer) as HashOfMember[]).map(({ HashKV }) => ({
      hash: HashKV.hash,
      revision: HashKV.header.revision,
    }))
    expect(hashes).toHaveLength(members)
    const [first] = hashes
    if (first === undefined) throw new Error('nobody answers')
    for (const other of hashes) expect(other).toEqual(first)
    return first
  })
}

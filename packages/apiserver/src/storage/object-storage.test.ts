import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectStorageSuite, Replica, TestStorage } from './object-storage.suite.js'
import { Cluster, openEmbedded, openRealEtcd, realEtcd } from './stores.fixture.js'

objectStorageSuite('the embedded store', openEmbedded)

describe('with three members of ours', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.open(3)
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  objectStorageSuite('our etcd', async () => cluster.connect())

  it('a watch sees every version once and in order, whichever members come and go', async () => {
    await using store = cluster.connect()
    const storage = new TestStorage(store)
    await storage.start()
    const replica = new Replica(storage)
    for (const member of [0, 1, 2]) {
      await storage.write(`before-${member}`)
      await cluster.stop(member)
      // Whether a write was made that got no answer, nobody knows: it is asked for again.
      await storage.writeSurely(`without-${member}`)
      await cluster.restart(member)
      await storage.writeSurely(`after-${member}`)
    }
    const revision = await storage.currentRevision()
    expect(replica.problems).toEqual([])
    const { objects } = await storage.listAt(undefined, revision, {})
    expect(replica.at(revision)).toEqual(objects.map(({ key, revision }) => [key, revision]))
    expect(objects).toHaveLength(9)
    storage.close()
  })
})

describe.skipIf(realEtcd === undefined)('with a judge', () => {
  objectStorageSuite('a real etcd', () => openRealEtcd(realEtcd as string))
})

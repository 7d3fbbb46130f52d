import {
  type DaemonSet,
  type KubeObject,
  ManualClock,
  type PodTemplateSpec,
  type StatefulSet,
} from '@miniplane/api'
import { Client, InformerFactory, resources } from '@miniplane/client'
import { describe, expect, it } from 'vitest'
import { newRevision as newDaemonRevision } from '../daemonset/new-revision.js'
import { FakeApi } from '../fake-api.suite.js'
import { newRevision as newSetRevision } from '../statefulset/new-revision.js'
import { revisionData, revisionHash } from '../template-hash/revision-hash.js'
import { templateHash } from '../template-hash/template-hash.js'
import { type RevisionObject, revisionStore } from './revisions.js'

const REVISIONS = '/apis/apps/v1/controllerrevisions'
const template: PodTemplateSpec = {
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'db', image: 'postgres', resources: {} }] },
}
const owner = (status: object) => ({
  metadata: { name: 'db', namespace: 'default', uid: 'u-1', annotations: { note: 'x' } },
  spec: { template },
  status,
})
const draft = { data: revisionData(template), revision: 3 }
/** What else may be there under the same name. */
const another = (name: string) => ({
  metadata: { name, namespace: 'default' },
  data: { spec: { template: { spec: {} } } },
  revision: 1,
})

function setUp() {
  const api = new FakeApi()
  const client = new Client(api)
  const { cache } = new InformerFactory(client, { clock: new ManualClock() }).informer(
    resources.controllerRevisions,
  )
  const names = () => api.objects<RevisionObject>(REVISIONS).map(({ metadata }) => metadata.name)
  return { api, client, cache, names }
}

describe("a StatefulSet's revision", () => {
  const set = owner({}) as unknown as StatefulSet & KubeObject
  const hashes = [0, 1].map((count) => revisionHash(draft.data, count))

  it('is named by the hash of its data and of how many names were taken, which may be none', async () => {
    const { client, cache } = setUp()
    const store = revisionStore(cache, resources.statefulSets, 'controller.kubernetes.io/hash')
    const { revision, collisionCount } = await newSetRevision(store, set, draft, client)
    expect(collisionCount).toBe(0)
    expect(revision).toMatchObject({
      metadata: {
        name: `db-${hashes[0]}`,
        labels: { app: 'db', 'controller.kubernetes.io/hash': hashes[0] },
        annotations: { note: 'x' },
        ownerReferences: [{ kind: 'StatefulSet', name: 'db', uid: 'u-1' }],
      },
      data: { spec: { template: { $patch: 'replace', ...template } } },
      revision: 3,
    })
  })

  it('takes the next name where the first is taken, and the same one where it is there', async () => {
    const { client, cache, names } = setUp()
    const store = revisionStore(cache, resources.statefulSets, 'controller.kubernetes.io/hash')
    await client.of(resources.controllerRevisions).create(another(`db-${hashes[0]}`))
    for (let i = 0; i < 2; i++) {
      const { revision, collisionCount } = await newSetRevision(store, set, draft, client)
      expect(collisionCount).toBe(1)
      expect(revision.metadata.name).toBe(`db-${hashes[1]}`)
    }
    expect(names()).toEqual([`db-${hashes[0]}`, `db-${hashes[1]}`])
  })
})

describe("a DaemonSet's revision", () => {
  it('is named by the hash of the template; a collision is counted in the status', async () => {
    const { client, cache, names } = setUp()
    const store = revisionStore(cache, resources.daemonSets, 'controller-revision-hash')
    const sets = client.of(resources.daemonSets)
    const set = await sets.create(owner({}) as unknown as DaemonSet & KubeObject)
    const [first, second] = [undefined, 1].map((count) => `db-${templateHash(template, count)}`)
    await client.of(resources.controllerRevisions).create(another(first ?? ''))
    await expect(newDaemonRevision(store, set, draft, client)).rejects.toThrow('collision 1')
    const counted = await sets.get('db', { namespace: 'default' })
    expect(counted.status.collisionCount).toBe(1)
    await newDaemonRevision(store, counted, draft, client)
    expect(names()).toEqual([first, second])
  })
})

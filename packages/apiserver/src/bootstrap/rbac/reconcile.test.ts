import {
  type ClusterRole,
  type KubeObject,
  ManualClock,
  type RoleBinding,
  seededRandom,
} from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createApiServer } from '../../server.js'
import { rbacPolicy } from './policy.js'

const clock = new ManualClock()
const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings'

let store: ReturnType<typeof openEmbeddedStore>
beforeEach(() => {
  store = openEmbeddedStore({ clock })
})
afterEach(() => store.close())

/** A server over the same store for the time of `work`. */
async function withServer<T>(
  work: (ask: (method: string, path: string, body?: object) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const user = { name: 'root', groups: ['system:masters'] }
  const server = createApiServer({
    store: store.client,
    clock,
    random: seededRandom(3),
    tokens: [{ token: 'admin', user }],
  })
  await server.start()
  try {
    return await work(async (method, path, body) => {
      const answer = await server.handle({
        method,
        path,
        query: new URLSearchParams(),
        headers: { authorization: 'Bearer admin' },
        ...(body && { body: { object: body } }),
        signal: new AbortController().signal,
      })
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status}`)
      return answer.body.kind === 'object' ? answer.body.object : undefined
    })
  } finally {
    await server.close()
  }
}

it('writes what every server has, as a client would have', async () => {
  await withServer(async (ask) => {
    const { items } = (await ask('GET', ROLES)) as { items: KubeObject[] }
    const wanted = rbacPolicy().filter(({ kind }) => kind === 'ClusterRole')
    expect(items.map(({ metadata }) => metadata.name)).toEqual(
      wanted.map(({ metadata }) => metadata.name).sort(),
    )
    // Put again as it is, it stays as it is: defaults and validation would have changed nothing.
    for (const item of items) {
      const path = `${ROLES}/${item.metadata.name}`
      const before = (await ask('GET', path)) as KubeObject
      const after = (await ask('PUT', path, structuredClone(before))) as KubeObject
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    }
  })
})

it('a second start changes nothing', async () => {
  const versions = () =>
    withServer(async (ask) => {
      const { items } = (await ask('GET', BINDINGS)) as { items: KubeObject[] }
      return items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`)
    })
  expect(await versions()).toEqual(await versions())
})

it('adds what is missing, keeps what was added, and leaves alone who wants that', async () => {
  const read = (ask: (method: string, path: string) => Promise<unknown>, path: string) =>
    ask('GET', path) as Promise<ClusterRole & RoleBinding & KubeObject>
  const [basic, monitoring, discovery] = ['basic-user', 'monitoring', 'discovery'].map(
    (name) => `${ROLES}/system:${name}`,
  ) as [string, string, string]
  const own = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }
  const jane = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }
  await withServer(async (ask) => {
    const change = async (path: string, how: (draft: ClusterRole & RoleBinding) => void) => {
      const draft = structuredClone(await read(ask, path))
      how(draft)
      await ask('PUT', path, draft)
    }
    await change(basic, (draft) => {
      draft.rules = [own]
      delete draft.metadata.labels
    })
    await change(discovery, (draft) => {
      draft.rules = []
      draft.metadata.annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' }
    })
    await change(`${BINDINGS}/system:basic-user`, (draft) => {
      draft.subjects = [jane]
    })
    await ask('DELETE', monitoring)
  })
  await withServer(async (ask) => {
    const { rules, metadata } = await read(ask, basic)
    expect(rules?.[0]).toEqual(own)
    expect(rules?.slice(1).map(({ resources }) => resources)).toEqual([
      ['selfsubjectaccessreviews'],
      ['selfsubjectrulesreviews'],
      ['selfsubjectreviews'],
    ])
    expect(metadata.labels).toEqual({ 'kubernetes.io/bootstrapping': 'rbac-defaults' })
    expect((await read(ask, discovery)).rules).toBeNull()
    expect((await read(ask, monitoring)).rules).toHaveLength(2)
    const { subjects } = await read(ask, `${BINDINGS}/system:basic-user`)
    expect(subjects?.map(({ name }) => name)).toEqual(['jane', 'system:authenticated'])
  })
})

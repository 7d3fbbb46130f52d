import { describe, expect, it } from 'vitest'
import { configMap, FakeServer, kubectl } from '../fake-server.suite.js'

const PODS = '/api/v1/namespaces/default/pods'
const MAPS = '/api/v1/namespaces/default/configmaps'

const table = (...rows: [string, string, Record<string, string>?][]) => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: {},
  columnDefinitions: [
    { name: 'Name', type: 'string', format: 'name', priority: 0 },
    { name: 'Status', type: 'string', priority: 0 },
    { name: 'Node', type: 'string', priority: 1 },
  ],
  rows: rows.map(([name, status, labels]) => ({
    cells: [name, status, 'node-1'],
    object: { metadata: { name, namespace: 'default', ...(labels ? { labels } : {}) } },
  })),
})

const server = () =>
  new FakeServer()
    .answer(`GET ${PODS}`, table(['web', 'Running', { app: 'web' }], ['db', 'Pending']))
    .answer(`GET ${PODS}/web`, table(['web', 'Running']))
    .answer(`GET ${MAPS}`, table(['conf', 'x']))
    .answer(`GET ${MAPS}/a`, configMap('a', { k: 'v' }))
    .answer(`GET ${MAPS}/b`, configMap('b'))

describe('get', () => {
  it.each([
    ['get pods', 'NAME   STATUS\nweb    Running\ndb     Pending\n'],
    ['get po -o wide', 'NAME   STATUS    NODE\nweb    Running   node-1\ndb     Pending   node-1\n'],
    ['get pods --no-headers', 'web   Running\ndb    Pending\n'],
    [
      'get pods --show-labels',
      'NAME   STATUS    LABELS\nweb    Running   app=web\ndb     Pending   <none>\n',
    ],
    ['get pods -L app', 'NAME   STATUS    APP\nweb    Running   web\ndb     Pending   \n'],
    ['get pods --sort-by=.metadata.name', 'NAME   STATUS\ndb     Pending\nweb    Running\n'],
    [
      'get pods,cm',
      'NAME      STATUS\npod/web   Running\npod/db    Pending\n\nNAME             STATUS\nconfigmap/conf   x\n',
    ],
    ['get cm a -o jsonpath={.data.k}', 'v'],
    ['get cm a b -o name', 'configmap/a\nconfigmap/b\n'],
    ['get cm a b -o custom-columns=N:.metadata.name,K:.data.k', 'N     K\na     v\nb     <none>\n'],
  ])('%s', async (line, expected) => {
    expect(await kubectl(server(), line)).toEqual({ code: 0, out: expected, err: '' })
  })

  it('prints what is there and fails for what is not', async () => {
    expect(await kubectl(server(), 'get pods web nothere')).toEqual({
      code: 1,
      out: 'NAME   STATUS\nweb    Running\n',
      err: 'Error from server (NotFound): pods "nothere" not found\n',
    })
  })

  it('says so when the namespace is what is not there', async () => {
    expect((await kubectl(server(), 'get cm x -n gone')).err).toBe(
      'Error from server (NotFound): namespaces "gone" not found\n',
    )
  })

  it('puts several objects into a list, and one not', async () => {
    const one = await kubectl(server(), 'get cm a -o json')
    expect(JSON.parse(one.out)).toMatchObject({ kind: 'ConfigMap' })
    const two = await kubectl(server(), 'get cm a b -o json')
    expect(JSON.parse(two.out)).toMatchObject({
      kind: 'List',
      metadata: { resourceVersion: '' },
      items: [{ kind: 'ConfigMap' }, { kind: 'ConfigMap' }],
    })
  })

  it('says when nothing was found, and where', async () => {
    const empty = new FakeServer().answer(`GET ${PODS}`, table())
    expect(await kubectl(empty, 'get pods')).toEqual({
      code: 0,
      out: '',
      err: 'No resources found in default namespace.\n',
    })
  })

  it('passes warnings of the server on, each once', async () => {
    const headers = { warning: '299 - "old \\"kind\\"", 299 - "old \\"kind\\""' }
    const warning = new FakeServer().answer(`GET ${PODS}`, table(['web', 'Running']), { headers })
    expect((await kubectl(warning, 'get pods')).err).toBe('Warning: old "kind"\n')
  })

  it('impersonates whom it is told to', async () => {
    const fake = server()
    await kubectl(fake, 'get pods --as=bob --as-group=devs')
    expect(fake.sent('GET')?.headers).toMatchObject({
      'impersonate-user': 'bob',
      'impersonate-group': 'devs',
    })
  })
})

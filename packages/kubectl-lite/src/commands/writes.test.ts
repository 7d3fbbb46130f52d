import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LAST_APPLIED } from '../apply/last-applied.js'
import { configMap, FakeServer, kubectl } from '../fake-server.suite.js'

const MAPS = '/api/v1/namespaces/default/configmaps'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

const folder = mkdtempSync(join(tmpdir(), 'kubectl-lite-'))
afterAll(() => rmSync(folder, { recursive: true }))

const manifest = (text: string): string => {
  writeFileSync(join(folder, 'm.yaml'), text)
  return 'm.yaml'
}

const A = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: "9"}\n'

describe('apply', () => {
  it('creates what is not there, with what was applied as an annotation', async () => {
    const server = new FakeServer().answer(`POST ${MAPS}`, configMap('a'), { status: 201 })
    const ran = await kubectl(server, `apply -f ${manifest(A)}`, { folder })
    expect(ran).toEqual({ code: 0, out: 'configmap/a created\n', err: '' })
    const { query, body } = server.sent('POST') ?? {}
    expect(query).toMatchObject({
      fieldManager: 'kubectl-client-side-apply',
      fieldValidation: 'Strict',
    })
    expect(body).toMatchObject({
      metadata: {
        annotations: {
          [LAST_APPLIED]:
            '{"apiVersion":"v1","data":{"k":"9"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"default"}}\n',
        },
      },
    })
  })

  it('sends the three-way difference: its own fields changed and removed, others kept', async () => {
    const applied = { apiVersion: 'v1', data: { gone: '1', k: '1' }, kind: 'ConfigMap' }
    const live = configMap('a', { gone: '1', k: '1', other: 'kept' })
    live.metadata.annotations = { [LAST_APPLIED]: JSON.stringify(applied) }
    const server = new FakeServer()
      .answer(`GET ${MAPS}/a`, live)
      .answer(`PATCH ${MAPS}/a`, configMap('a'))
    const ran = await kubectl(server, `apply -f ${manifest(A)}`, { folder })
    expect(ran.out).toBe('configmap/a configured\n')
    expect(server.sent('PATCH')?.body).toMatchObject({ data: { gone: null, k: '9' } })
    expect(server.sent('PATCH')?.body).not.toHaveProperty('data.other')
  })

  it('prunes what was applied once and is in the manifests no more', async () => {
    const was = (name: string, uid: string) => {
      const object = configMap(name)
      object.metadata = { ...object.metadata, uid, annotations: { [LAST_APPLIED]: '{}' } }
      return object
    }
    const items = [was('a', '1'), was('gone', '2'), configMap('never-applied')]
    const server = new FakeServer()
      .answer(`GET ${MAPS}/a`, items[0])
      .answer(`PATCH ${MAPS}/a`, items[0])
      .answer(`GET ${MAPS}`, { apiVersion: 'v1', kind: 'ConfigMapList', metadata: {}, items })
      .answer(`DELETE ${MAPS}/gone`, items[1])
    const line = `apply -f ${manifest(A)} --prune --all --prune-allowlist=core/v1/ConfigMap`
    const ran = await kubectl(server, line, { folder })
    expect(ran).toEqual({
      code: 0,
      out: 'configmap/a configured\nconfigmap/gone pruned\n',
      err: '',
    })
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  it('sends nothing when nothing changed', async () => {
    const first = new FakeServer().answer(`POST ${MAPS}`, configMap('a'), { status: 201 })
    await kubectl(first, `apply -f ${manifest(A)}`, { folder })
    const live = first.sent('POST')?.body
    const server = new FakeServer().answer(`GET ${MAPS}/a`, live)
    const ran = await kubectl(server, `apply -f ${manifest(A)}`, { folder })
    expect(ran.out).toBe('configmap/a unchanged\n')
    expect(server.sent('PATCH')).toBeUndefined()
  })

  it.each([
    ['a: [', /^error: error parsing m\.yaml: error converting YAML to JSON: yaml: /],
    ['apiVersion: v1\nmetadata: {name: x}\n', /error validating data: kind not set; if you choose/],
    ['just text\n', /error validating data: invalid object to validate; if you choose/],
    [
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: x}\n',
      /^error: resource mapping not found for name: "x" namespace: "" from "m\.yaml": no matches for kind "Widget" in version "example\.com\/v1"\nensure CRDs are installed first\n$/,
    ],
    ['# nothing\n', /^error: no objects passed to apply\n$/],
  ])('refuses %j', async (text, message) => {
    const ran = await kubectl(new FakeServer(), `apply -f ${manifest(text)}`, { folder })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toMatch(message)
  })
})

describe('create', () => {
  it('makes a deployment without asking the server on a client dry run', async () => {
    const server = new FakeServer()
    const line =
      'create deployment web --image=reg/nginx:1.27 --replicas=2 --dry-run=client -o yaml'
    const { out } = await kubectl(server, line)
    expect(server.requests).toEqual([])
    expect(out).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  strategy: {}
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: reg/nginx:1.27
        name: nginx
        resources: {}
status: {}
`)
  })

  it("does not take a binding's --user for the kubeconfig's", async () => {
    const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'
    const server = new FakeServer().answer(`POST ${path}`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'b' },
    })
    const ran = await kubectl(server, 'create rolebinding b --role=r --user=carol')
    expect(ran).toEqual({
      code: 0,
      out: 'rolebinding.rbac.authorization.k8s.io/b created\n',
      err: '',
    })
    expect(server.sent('POST')?.body).toMatchObject({ subjects: [{ kind: 'User', name: 'carol' }] })
  })
})

describe('other writes', () => {
  it('label: says what it did, and refuses to overwrite', async () => {
    const live = configMap('a')
    live.metadata.labels = { tier: 'front' }
    const labeled = { ...live, metadata: { ...live.metadata, labels: { tier: 'front', x: 'y' } } }
    const server = new FakeServer().answer(`GET ${MAPS}/a`, live).answer(`PATCH ${MAPS}/a`, labeled)
    expect((await kubectl(server, 'label cm a x=y')).out).toBe('configmap/a labeled\n')
    expect((await kubectl(server, 'label cm a tier=front')).out).toBe('configmap/a not labeled\n')
    expect((await kubectl(server, 'label cm a tier=back')).err).toBe(
      "error: 'tier' already has a value (front), and --overwrite is false\n",
    )
  })

  it('delete: names the namespace; what was not there is an error, unless that is fine', async () => {
    const server = new FakeServer().answer(`DELETE ${MAPS}/a`, {
      kind: 'Status',
      status: 'Success',
    })
    expect(await kubectl(server, 'delete cm a b --wait=false')).toEqual({
      code: 1,
      out: 'configmap "a" deleted from default namespace\n',
      err: 'Error from server (NotFound): configmaps "b" not found\n',
    })
    expect(await kubectl(server, 'delete cm b --ignore-not-found')).toEqual({
      code: 0,
      out: '',
      err: '',
    })
  })

  it('set image: sends only the containers that changed', async () => {
    const containers = [
      { name: 'web', image: 'nginx:1' },
      { name: 'side', image: 'busybox' },
    ]
    const live = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { template: { spec: { containers } } },
    }
    const server = new FakeServer()
      .answer(`GET ${DEPLOYMENTS}/web`, live)
      .answer(`PATCH ${DEPLOYMENTS}/web`, live)
    const ran = await kubectl(server, 'set image deploy/web web=nginx:2')
    expect(ran.out).toBe('deployment.apps/web image updated\n')
    expect(server.sent('PATCH')?.body).toMatchObject({
      spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } },
    })
    expect((await kubectl(server, 'set image deploy/web web=nginx:1')).out).toBe('')
    expect((await kubectl(server, 'set image deploy/web nope=x')).err).toBe(
      'error: unable to find container named "nope"\n',
    )
  })
})

describe('patch', () => {
  it.each(['client', 'local'])('sends nothing when it is to stay here: %s', async (how) => {
    const server = new FakeServer().answer(`GET ${MAPS}/a`, configMap('a', { k: '1' }))
    const flags = how === 'local' ? `--local -f ${manifest(A)}` : '--dry-run=client cm a'
    const patch = '{"data":{"q":"1"}}'
    const words = ['patch', ...flags.split(' '), '-p', patch, '-o', 'jsonpath={.data.q}']
    expect(await kubectl(server, words, { folder })).toEqual({ code: 0, out: '1', err: '' })
    expect(server.sent('PATCH')).toBeUndefined()
  })
})

// A judge of the API server: @kubernetes/client-node. Reads KUBECONFIG and prints a line a check,
// as TAP does; exits 1 when one failed.
import assert from 'node:assert/strict'
import net from 'node:net'
import { PassThrough } from 'node:stream'
import * as k8s from '@kubernetes/client-node'

const config = new k8s.KubeConfig()
config.loadFromDefault()
const core = config.makeApiClient(k8s.CoreV1Api)
const apps = config.makeApiClient(k8s.AppsV1Api)
const objects = k8s.KubernetesObjectApi.makeApiClient(config)
const NAMESPACE = `judge-node-${process.pid}`

const configMap = (name, data) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: NAMESPACE, labels: { 'made-by': 'judge' } },
  data,
})

async function until(isDone) {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await isDone()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('did not happen in 10 s')
}

/** A Pod that has printed a line and listens at 8080. */
async function runPod(name) {
  const command = ['sh', '-c', 'echo started; sleep 1000']
  const ports = [{ containerPort: 8080 }]
  const containers = [{ name: 'c', image: 'busybox', command, ports }]
  const body = { metadata: { name }, spec: { containers } }
  await core.createNamespacedPod({ namespace: NAMESPACE, body })
  await until(async () => {
    const { status } = await core.readNamespacedPod({ name, namespace: NAMESPACE })
    return status.phase === 'Running'
  })
}

const codeOf = (promise) =>
  promise.then(
    () => 200,
    (error) => error.code,
  )

const checks = {
  async 'create, get, replace, list, delete'() {
    const made = await core.createNamespacedConfigMap({
      namespace: NAMESPACE,
      body: configMap('one', { a: '1' }),
    })
    assert.ok(made.metadata.uid)
    made.data.b = '2'
    await core.replaceNamespacedConfigMap({ name: 'one', namespace: NAMESPACE, body: made })
    const read = await core.readNamespacedConfigMap({ name: 'one', namespace: NAMESPACE })
    assert.deepEqual(read.data, { a: '1', b: '2' })
    assert.ok(read.metadata.creationTimestamp instanceof Date)
    const labelSelector = 'made-by=judge'
    const list = await core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector })
    assert.deepEqual(
      list.items.map((item) => item.metadata.name),
      ['one'],
    )
    await core.deleteNamespacedConfigMap({ name: 'one', namespace: NAMESPACE })
  },

  async 'the codes of errors'() {
    const read = () => core.readNamespacedConfigMap({ name: 'none', namespace: NAMESPACE })
    const create = (name) =>
      core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap(name) })
    assert.equal(await codeOf(read()), 404)
    assert.equal(await codeOf(create('No Good')), 422)
    await create('twice')
    assert.equal(await codeOf(create('twice')), 409)
  },

  async 'merge patch, strategic merge patch, JSON patch'() {
    await core.createNamespacedConfigMap({ namespace: NAMESPACE, body: configMap('p', { a: '1' }) })
    const patch = async (body, contentType) => {
      const options = k8s.setHeaderOptions('Content-Type', contentType)
      const request = { name: 'p', namespace: NAMESPACE, body }
      return (await core.patchNamespacedConfigMap(request, options)).data
    }
    const { MergePatch, StrategicMergePatch, JsonPatch } = k8s.PatchStrategy
    assert.deepEqual(await patch({ data: { b: '2' } }, MergePatch), { a: '1', b: '2' })
    assert.deepEqual(await patch({ data: { a: null } }, StrategicMergePatch), { b: '2' })
    const replace = [{ op: 'replace', path: '/data/b', value: '3' }]
    assert.deepEqual(await patch(replace, JsonPatch), { b: '3' })
  },

  async 'server-side apply and its conflict'() {
    const apply = (manager, value, force) =>
      objects.patch(
        { ...configMap('applied', { a: value }) },
        undefined,
        undefined,
        manager,
        force,
        k8s.PatchStrategy.ServerSideApply,
      )
    await apply('one', '1')
    assert.equal(await codeOf(apply('two', '2')), 409)
    assert.equal((await apply('two', '2', true)).data.a, '2')
  },

  async 'a watch and an informer see what happens'() {
    const seen = []
    const list = () => core.listNamespacedConfigMap({ namespace: NAMESPACE })
    const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`
    const informer = k8s.makeInformer(config, path, list)
    for (const event of ['add', 'update', 'delete'])
      informer.on(event, ({ metadata }) => {
        if (metadata.name === 'watched') seen.push(event)
      })
    await informer.start()
    const body = configMap('watched', { a: '1' })
    await core.createNamespacedConfigMap({ namespace: NAMESPACE, body })
    await until(() => seen.length === 1)
    await core.replaceNamespacedConfigMap({
      name: 'watched',
      namespace: NAMESPACE,
      body: { ...body, data: { a: '2' } },
    })
    await until(() => seen.length === 2)
    await core.deleteNamespacedConfigMap({ name: 'watched', namespace: NAMESPACE })
    await until(() => seen.length === 3)
    await informer.stop()
    assert.deepEqual(seen, ['add', 'update', 'delete'])
  },

  async 'a Deployment comes up and its Pods have logs'() {
    const labels = { app: 'web' }
    const body = {
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'web', image: 'web' }] },
        },
      },
    }
    await apps.createNamespacedDeployment({ namespace: NAMESPACE, body })
    await until(async () => {
      const { status } = await apps.readNamespacedDeployment({ name: 'web', namespace: NAMESPACE })
      return status.availableReplicas === 2
    })
    const { items } = await core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: 'app=web',
    })
    const log = await core.readNamespacedPodLog({
      name: items[0].metadata.name,
      namespace: NAMESPACE,
    })
    assert.equal(typeof log, 'string')
  },

  async 'commands, their input and output, and forwarded ports'() {
    await runPod('talker')
    const container = 'c'
    const collected = () => {
      const stream = new PassThrough()
      const text = stream.toArray().then((parts) => Buffer.concat(parts).toString())
      return { stream, text }
    }
    const [out, errors] = [collected(), collected()]
    const command = ['sh', '-c', 'cat; echo trouble >&2; exit 3']
    const input = PassThrough.from([Buffer.from('typed')])
    const status = await new Promise((resolve, reject) => {
      new k8s.Exec(config)
        .exec(
          NAMESPACE,
          'talker',
          container,
          command,
          out.stream,
          errors.stream,
          input,
          false,
          resolve,
        )
        .catch(reject)
    })
    assert.equal(status.details.causes[0].message, '3')
    assert.deepEqual([await out.text, await errors.text], ['typed', 'trouble\n'])

    const log = collected()
    await new k8s.Log(config).log(NAMESPACE, 'talker', container, log.stream, { tailLines: 1 })
    assert.equal(await log.text, 'started\n')

    const forward = new k8s.PortForward(config)
    const server = net.createServer((socket) => {
      forward.portForward(NAMESPACE, 'talker', [8080], socket, null, socket)
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, {
      headers: { connection: 'close' },
    })
    assert.equal(await answer.text(), `pod ${NAMESPACE}/talker, container c, port 8080\n`)
    server.close()
  },

  async 'a collection is deleted'() {
    await core.deleteCollectionNamespacedConfigMap({
      namespace: NAMESPACE,
      labelSelector: 'made-by=judge',
    })
    const labelSelector = 'made-by=judge'
    const { items } = await core.listNamespacedConfigMap({ namespace: NAMESPACE, labelSelector })
    assert.deepEqual(items, [])
  },
}

await core.createNamespace({ body: { metadata: { name: NAMESPACE } } })
console.log(`1..${Object.keys(checks).length}`)
let number = 0
for (const [name, check] of Object.entries(checks)) {
  number++
  try {
    await check()
    console.log(`ok ${number} - ${name}`)
  } catch (error) {
    console.log(`not ok ${number} - ${name}\n  ${String(error?.message ?? error).slice(0, 2000)}`)
    process.exitCode = 1
  }
}
await core.deleteNamespace({ name: NAMESPACE })

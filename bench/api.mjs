// The API server over HTTPS: what a request costs, beside what a real kube-apiserver 1.36 with an etcd
// without fsync took on such a machine. CPU a request is the server process's own user and system
// time: the figure that holds on a busy machine.
//
//   node bench/api.mjs [--h1|--h2] [--only=NAME,…] [--rounds=N] [--profile=FOLDER]
import { once } from 'node:events'
import { ApiProcess } from './lib/api-process.mjs'
import { load, requireH2load, watches } from './lib/http-load.mjs'

const flags = new Map(
  process.argv.slice(2).map((argument) => {
    const [name, value = ''] = argument.replace(/^--/, '').split('=')
    return [name, value]
  }),
)
const rounds = Number(flags.get('rounds') ?? 3)
const only = flags.get('only')?.split(',')
const wants = (name) => !only || only.includes(name)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const LIST_PODS = 500
const MANY_PODS = 9_000
const WATCHERS = 1_000
const WATCH_SECONDS = 25
const EVENTS = 600

const configMap = {
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  metadata: { generateName: 'bench-' },
  data: { key: 'value' },
}
const pod = {
  ...{ apiVersion: 'v1', kind: 'Pod' },
  metadata: { generateName: 'web-', labels: { app: 'web', tier: 'front' } },
  spec: {
    containers: [
      {
        ...{ name: 'web', image: 'nginx:1.27' },
        ports: [{ containerPort: 80 }],
        env: [{ name: 'MODE', value: 'bench' }],
        resources: { requests: { cpu: '100m', memory: '64Mi' } },
      },
    ],
  },
}

const REAL = {
  configmaps: { real: '2,300/s, 760 µs', bar: '≥ 8,000/s, ≤ 150 µs' },
  pods: { real: '1,250/s, 1,360 µs', bar: '≥ 5,000/s, ≤ 250 µs' },
  get: { real: '3,450/s, 490 µs', bar: '≥ 15,000/s, ≤ 90 µs' },
  list500: { real: '53–67/s, 22–31 ms', bar: '≥ 400/s, ≤ 3 ms' },
  list9000: { real: '3–10/s, 150–360 ms', bar: '≥ 30/s, ≤ 30 ms' },
  watch: { real: '91,000–104,000/s, 11–12 µs', bar: '≥ 150,000/s, ≤ 6 µs' },
  memory: { real: '780–1,180 MiB', bar: '≤ 250 MiB' },
}

const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1))
const cpuText = (us) => (us >= 1000 ? `${number(us / 1000)} ms` : `${number(us)} µs`)
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]

function print(name, key, measured) {
  const { real, bar } = REAL[key]
  console.log(`${name.padEnd(40)} ${measured.padEnd(26)} real: ${real.padEnd(28)} bar: ${bar}`)
}

/** One load a few times; the first round is the compiler's. */
async function measure(server, name, key, options) {
  const results = []
  for (let round = 0; round <= rounds; round++) {
    const result = await load(server, options)
    if (round > 0) results.push(result)
  }
  const rate = median(results.map((result) => result.rate))
  const cpu = median(results.map((result) => result.cpu))
  print(`${name}, ${options.protocol}`, key, `${number(rate)}/s, ${cpuText(cpu)} CPU`)
}

/** What is written by one load must not burden the next: each has a server of its own. */
async function withServer(work) {
  const profile = flags.get('profile')
  const server = await ApiProcess.start(profile ? { profile } : {})
  try {
    await work(server, await protocolsOf(server))
  } finally {
    await server.stop()
  }
}

async function protocolsOf(server) {
  if (flags.has('h1')) return ['h1']
  if (flags.has('h2')) return ['h2']
  return (await server.speaksHttp2()) ? ['h1', 'h2'] : ['h1']
}

async function configMaps(server, protocols) {
  for (const protocol of protocols)
    await measure(server, 'create ConfigMap, 64 connections', 'configmaps', {
      ...{ protocol, clients: 64, requests: 8_000, body: configMap },
      path: '/api/v1/namespaces/default/configmaps',
    })
}

async function newNamespace(server, name) {
  await server.create('/api/v1/namespaces', { metadata: { name } })
  await server.create(`/api/v1/namespaces/${name}/serviceaccounts`, {
    metadata: { name: 'default' },
  })
}

async function podCreates(server, protocols) {
  await newNamespace(server, 'creates')
  for (const protocol of protocols)
    await measure(server, 'create Pod, 64 connections', 'pods', {
      ...{ protocol, clients: 64, requests: 6_000, body: pod },
      path: '/api/v1/namespaces/creates/pods',
    })
}

async function pods(server, protocols) {
  for (const name of ['few', 'many']) await newNamespace(server, name)
  const create = (namespace, requests) =>
    load(server, {
      ...{ protocol: 'h1', clients: 64, requests, body: pod },
      path: `/api/v1/namespaces/${namespace}/pods`,
    })
  await create('few', LIST_PODS)
  if (wants('get') || wants('list500')) await reads(server, protocols)
  if (!wants('list9000') && !wants('memory')) return
  await create('many', MANY_PODS - LIST_PODS)
  if (wants('memory')) await memory(server)
  if (wants('list9000'))
    for (const protocol of protocols)
      await measure(server, 'list 9,000 Pods, 4 connections', 'list9000', {
        ...{ protocol, clients: 4, requests: 40, path: '/api/v1/pods' },
      })
}

async function reads(server, protocols) {
  const { text } = await server.ask('GET', '/api/v1/namespaces/few/pods?limit=1')
  const { name } = JSON.parse(text).items[0].metadata
  for (const protocol of protocols) {
    if (wants('get'))
      await measure(server, 'get Pod, 64 connections', 'get', {
        ...{ protocol, clients: 64, requests: 15_000 },
        path: `/api/v1/namespaces/few/pods/${name}`,
      })
    if (wants('list500'))
      await measure(server, 'list 500 Pods, 4 connections', 'list500', {
        ...{ protocol, clients: 4, requests: 300, path: '/api/v1/namespaces/few/pods' },
      })
  }
}

async function memory(server) {
  await sleep(2_000)
  print('memory with 9,000 Pods', 'memory', `${number(server.residentMiB())} MiB`)
}

/**
 * A thousand watches get every one of some writes. One of them is ours and says when the last event
 * has come; what all have got is counted by their bytes.
 */
async function fanOut(server, protocol) {
  const namespace = `fan-${protocol}`
  await newNamespace(server, namespace)
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const others = watches(server, {
    ...{ protocol, path, count: WATCHERS - 1, seconds: WATCH_SECONDS },
  })
  while ((await server.watchCount()) < WATCHERS - 1) await sleep(100)
  const [ours] = await once(server.open('GET', `${path}?watch=1`), 'response')
  const cpuBefore = server.cpuMs()
  const begin = performance.now()
  let events = 0
  let bytes = 0
  const all = new Promise((resolve) => {
    ours.on('data', (chunk) => {
      bytes += chunk.length
      for (const byte of chunk) if (byte === 0x0a) events++
      if (events === EVENTS) resolve()
    })
  })
  await load(server, { protocol: 'h1', clients: 16, requests: EVENTS, body: configMap, path })
  await all
  const seconds = (performance.now() - begin) / 1000
  const cpu = ((server.cpuMs() - cpuBefore) * 1000) / (EVENTS * WATCHERS)
  ours.destroy()
  const missing = bytes * (WATCHERS - 1) - (await others.bytes)
  if (missing !== 0) throw new Error(`${missing} bytes of events did not arrive`)
  const rate = (EVENTS * WATCHERS) / seconds
  print(
    `1,000 watchers, deliveries, ${protocol}`,
    'watch',
    `${number(rate)}/s, ${cpuText(cpu)} CPU`,
  )
}

requireH2load()
if (wants('configmaps')) await withServer(configMaps)
if (wants('pods')) await withServer(podCreates)
if (['get', 'list500', 'list9000', 'memory'].some(wants)) await withServer(pods)
if (wants('watch'))
  await withServer(async (server, protocols) => {
    for (const protocol of protocols) await fanOut(server, protocol)
  })

// The API server over HTTPS: what a request costs, beside what a real kube-apiserver 1.36 with an etcd
// without fsync took on such a machine. CPU a request is the server process's own user and system
// time: the figure that holds on a busy machine.
//
//   node bench/api.mjs [--h1|--h2] [--only=NAME,…] [--rounds=N] [--profile=FOLDER] [--beside-real]
//
// With --beside-real, a real kube-apiserver gets the same loads in the same minutes, in turns
// (test/clients/build.sh etcd kube-apiserver): the ratio of the two is what no machine's speed changes.
import { once } from 'node:events'
import { ApiProcess } from './lib/api-process.mjs'
import { load, requireH2load, watches } from './lib/http-load.mjs'
import { RealApiProcess, requireRealServer } from './lib/real-api-process.mjs'

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

/** The figures of a real server on its machine, our bars there, and the ratio that they make. */
const REAL = {
  configmaps: { real: '2,300/s, 760 µs', bar: '≥ 8,000/s, ≤ 150 µs', ratio: '≥ 3.5x, ≤ 0.20x' },
  pods: { real: '1,250/s, 1,360 µs', bar: '≥ 5,000/s, ≤ 250 µs', ratio: '≥ 4.0x, ≤ 0.18x' },
  get: { real: '3,450/s, 490 µs', bar: '≥ 15,000/s, ≤ 90 µs', ratio: '≥ 4.3x, ≤ 0.18x' },
  list500: { real: '53–67/s, 22–31 ms', bar: '≥ 400/s, ≤ 3 ms', ratio: '≥ 7.5x, ≤ 0.10x' },
  list9000: { real: '3–10/s, 150–360 ms', bar: '≥ 30/s, ≤ 30 ms', ratio: '≥ 10x, ≤ 0.08x' },
  watch: {
    real: '91,000–104,000/s, 11–12 µs',
    bar: '≥ 150,000/s, ≤ 6 µs',
    ratio: '≥ 1.7x, ≤ 0.50x',
  },
  memory: { real: '780–1,180 MiB', bar: '≤ 250 MiB', ratio: '≤ 250 MiB' },
}

const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1))
const cpuText = (us) => (us >= 1000 ? `${number(us / 1000)} ms` : `${number(us)} µs`)
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]

const textOf = ({ rate, cpu }) => `${number(rate)}/s, ${cpuText(cpu)} CPU`

/** One line for each server: ours with the bar, the real one's with how many times it ours is. */
function print(name, key, servers, texts, ratios) {
  const { real, bar, ratio } = REAL[key]
  for (const [i, server] of servers.entries()) {
    const beside = server.name === 'real' ? `ours: ${ratios[i]}` : `real: ${real}`
    const aim = server.name === 'real' ? ratio : bar
    const title = server.name === 'real' ? '  the real one here' : name
    console.log(`${title.padEnd(38)} ${texts[i].padEnd(26)} ${beside.padEnd(34)} bar: ${aim}`)
  }
}

const printFigures = (name, key, servers, figures) =>
  print(
    ...[name, key, servers, figures.map(textOf)],
    figures.map(({ rate, cpu }) => {
      const [ours] = figures
      return `${(ours.rate / rate).toFixed(1)}x, ${(ours.cpu / cpu).toFixed(2)}x`
    }),
  )

/** One load a few times on each server in turn; the first round is the compiler's. */
async function measure(servers, name, key, options) {
  const results = servers.map(() => [])
  for (let round = 0; round <= rounds; round++)
    for (const [i, server] of servers.entries()) {
      const result = await load(server, options)
      if (round > 0) results[i].push(result)
    }
  const medians = results.map((figures) => ({
    rate: median(figures.map((result) => result.rate)),
    cpu: median(figures.map((result) => result.cpu)),
  }))
  printFigures(`${name}, ${options.protocol}`, key, servers, medians)
}

/** What is written by one load must not burden the next: each has servers of its own, ours first. */
async function withServers(work) {
  const profile = flags.get('profile')
  const servers = [await ApiProcess.start(profile ? { profile } : {})]
  try {
    if (flags.has('beside-real')) servers.push(await RealApiProcess.start())
    await work(servers, await protocolsOf(servers[0]))
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function protocolsOf(server) {
  if (flags.has('h1')) return ['h1']
  if (flags.has('h2')) return ['h2']
  return (await server.speaksHttp2()) ? ['h1', 'h2'] : ['h1']
}

async function configMaps(servers, protocols) {
  for (const protocol of protocols)
    await measure(servers, 'create ConfigMap, 64 connections', 'configmaps', {
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

async function podCreates(servers, protocols) {
  for (const server of servers) await newNamespace(server, 'creates')
  for (const protocol of protocols)
    await measure(servers, 'create Pod, 64 connections', 'pods', {
      ...{ protocol, clients: 64, requests: 6_000, body: pod },
      path: '/api/v1/namespaces/creates/pods',
    })
}

async function pods(servers, protocols) {
  const create = async (namespace, requests) => {
    for (const server of servers)
      await load(server, {
        ...{ protocol: 'h1', clients: 64, requests, body: pod },
        path: `/api/v1/namespaces/${namespace}/pods`,
      })
  }
  for (const server of servers) {
    for (const name of ['few', 'many']) await newNamespace(server, name)
    const named = { ...pod, metadata: { ...pod.metadata, name: 'one', generateName: undefined } }
    await server.create('/api/v1/namespaces/few/pods', named)
  }
  await create('few', LIST_PODS - 1)
  if (wants('get') || wants('list500')) await reads(servers, protocols)
  if (!wants('list9000') && !wants('memory')) return
  await create('many', MANY_PODS - LIST_PODS)
  if (wants('memory')) await memory(servers)
  if (wants('list9000'))
    for (const protocol of protocols)
      await measure(servers, 'list 9,000 Pods, 4 connections', 'list9000', {
        ...{ protocol, clients: 4, requests: 40, path: '/api/v1/pods' },
      })
}

async function reads(servers, protocols) {
  for (const protocol of protocols) {
    if (wants('get'))
      await measure(servers, 'get Pod, 64 connections', 'get', {
        ...{ protocol, clients: 64, requests: 15_000 },
        path: '/api/v1/namespaces/few/pods/one',
      })
    if (wants('list500'))
      await measure(servers, 'list 500 Pods, 4 connections', 'list500', {
        ...{ protocol, clients: 4, requests: 300, path: '/api/v1/namespaces/few/pods' },
      })
  }
}

async function memory(servers) {
  await sleep(2_000)
  const sizes = servers.map((server) => server.residentMiB())
  print(
    ...['memory with 9,000 Pods', 'memory', servers],
    sizes.map((size) => `${number(size)} MiB`),
    sizes.map((size) => `${(sizes[0] / size).toFixed(2)}x`),
  )
}

/**
 * A thousand watches get every one of some writes. One of them is ours and says when the last event
 * has come; what all have got is counted by their bytes.
 */
async function fanOut(server, protocol) {
  const namespace = `fan-${protocol}`
  await newNamespace(server, namespace)
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const before = await server.watchCount()
  const others = watches(server, {
    ...{ protocol, path, count: WATCHERS - 1, seconds: WATCH_SECONDS },
  })
  for (let tries = 0; (await server.watchCount()) < before + WATCHERS - 1; tries++) {
    if (tries === WATCH_SECONDS * 10) throw new Error('the watches do not all come to be')
    await sleep(100)
  }
  const [ours] = await once(server.open('GET', `${path}?watch=1`), 'response')
  const cpuBefore = server.cpuMs()
  const begin = performance.now()
  let events = 0
  let bytes = 0
  const all = new Promise((resolve, reject) => {
    ours.once('close', () => reject(new Error(`a watch was closed after ${events} events`)))
    ours.on('data', (chunk) => {
      bytes += chunk.length
      for (const byte of chunk) if (byte === 0x0a) events++
      if (events === EVENTS) resolve()
    })
  })
  const writes = { protocol: 'h1', clients: 16, requests: EVENTS, body: configMap, path }
  await Promise.all([load(server, writes), all])
  const seconds = (performance.now() - begin) / 1000
  const cpu = ((server.cpuMs() - cpuBefore) * 1000) / (EVENTS * WATCHERS)
  ours.destroy()
  const missing = bytes * (WATCHERS - 1) - (await others.bytes)
  if (missing !== 0) throw new Error(`${missing} bytes of events did not arrive`)
  return { rate: (EVENTS * WATCHERS) / seconds, cpu }
}

/** Of ours alone: a real server closes the watches that fall as far behind as this makes them. */
async function deliveries([ours], protocols) {
  for (const protocol of protocols) {
    const figures = await fanOut(ours, protocol)
    printFigures(`1,000 watchers, deliveries, ${protocol}`, 'watch', [ours], [figures])
  }
}

requireH2load()
if (flags.has('beside-real')) requireRealServer()
if (wants('configmaps')) await withServers(configMaps)
if (wants('pods')) await withServers(podCreates)
if (['get', 'list500', 'list9000', 'memory'].some(wants)) await withServers(pods)
if (wants('watch')) await withServers(deliveries)

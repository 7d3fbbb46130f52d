// Our `etcd` and the real one side by side: the same flags, the same disk, both sync every write, the
// same load in turns. Every client is a connection of its own with one call at a time; all calls of a
// load write or read the same key. CPU is the servers' own user and system time, so it holds on a busy
// machine too.
//
//   --rounds=N    how often each load is run (3)
//   --million     also a database of 1,000,000 keys: some minutes more
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { PutRequest, RangeRequest, TxnRequest } from '../packages/store/dist/wire/kv.js'
import { WatchRequest } from '../packages/store/dist/wire/watch.js'
import { membersOf, PROGRAMS } from './lib/etcd-process.mjs'
import { load } from './lib/grpc-load.mjs'
import { GrpcWatchers } from './lib/grpc-watchers.mjs'

const flag = (name) => process.argv.find((argument) => argument.startsWith(`--${name}`))
const ROUNDS = Number(flag('rounds=')?.split('=')[1] ?? 3)
const NAMES = Object.keys(PROGRAMS)
const MILLION = 1_000_000
const KEYS_A_TXN = 4000
const value = Buffer.alloc(256, 'v')
const key = 'registry/pods/default/pod-1'

for (const program of ['h2load', PROGRAMS.etcd.command]) {
  if (!spawnSync(program, ['--version']).error) continue
  console.error(`${program} is missing: install nghttp2-client and etcd-server (Debian)`)
  process.exit(1)
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
const shown = (number) => (number >= 100 ? number.toFixed(0) : number.toFixed(1))

/** One line: medians, and ours as a multiple of the real one's. */
function print(what, unit, ours, theirs) {
  const [a, b] = [median(ours), median(theirs)]
  const ratio = `${(a / b).toFixed(2)}x`
  console.log(
    `${what.padEnd(44)}${shown(a).padStart(10)}${shown(b).padStart(10)} ${unit.padEnd(7)}${ratio.padStart(7)}`,
  )
}

/** `measure(program)` in turns, whose order alternates. Answers what it answered, by program. */
async function inTurns(measure, rounds = ROUNDS) {
  const results = { ours: [], etcd: [] }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? NAMES : NAMES.toReversed()
    for (const name of order) results[name].push(await measure(name, round))
  }
  return results
}

const pick = (results, field) => NAMES.map((name) => results[name].map((result) => result[field]))

async function compareLoads(what, clusters, { path, message, clients, calls }) {
  const one = (name) => load({ members: clusters[name], path, message, clients, calls })
  const results = await inTurns(one)
  print(what, '/s', ...pick(results, 'rate'))
  print('  p50', 'µs', ...pick(results, 'p50'))
  print('  p99', 'µs', ...pick(results, 'p99'))
  print('  server CPU a call', 'µs', ...pick(results, 'cpu'))
}

async function startBoth(count = 1) {
  const clusters = {}
  for (const name of NAMES) {
    clusters[name] = await membersOf(name, count)
    await Promise.all(clusters[name].map((member) => member.start()))
  }
  return clusters
}

async function stopBoth(clusters) {
  for (const member of Object.values(clusters).flat()) {
    await member.stop()
    member.remove()
  }
}

const put = { path: 'etcdserverpb.KV/Put', message: PutRequest.encode({ key, value }) }
const rangeOne = { path: 'etcdserverpb.KV/Range', message: RangeRequest.encode({ key }) }
const page = {
  path: 'etcdserverpb.KV/Range',
  message: RangeRequest.encode({ key: 'page/', rangeEnd: 'page0', limit: 500 }),
}
/** As the API server updates, but that the comparison is one that holds again and again. */
const update = {
  path: 'etcdserverpb.KV/Txn',
  message: TxnRequest.encode({
    compare: [{ key, target: 'mod', result: '>', modRevision: 0 }],
    success: [{ requestPut: { key, value } }],
    failure: [{ requestRange: { key } }],
  }),
}

const base64 = (text) => Buffer.from(text).toString('base64')
const putOp = (name) => ({ requestPut: { key: base64(name), value: value.toString('base64') } })

/** Keys `prefix`0000000…, in large transactions. */
async function fill(member, prefix, count) {
  for (let from = 0; from < count; from += KEYS_A_TXN) {
    const length = Math.min(KEYS_A_TXN, count - from)
    const name = (i) => `${prefix}${String(from + i).padStart(7, '0')}`
    await member.ask('kv/txn', { success: Array.from({ length }, (_, i) => putOp(name(i))) })
  }
}

async function timeToReady() {
  const results = await inTurns(async (name) => {
    const [member] = await membersOf(name)
    const ms = await member.start()
    const mib = member.residentMiB()
    await member.stop()
    member.remove()
    return { ms, mib }
  })
  print('time to ready, empty', 'ms', ...pick(results, 'ms'))
  print('memory, idle', 'MiB', ...pick(results, 'mib'))
}

async function oneMember() {
  const clusters = await startBoth()
  const before = {}
  for (const name of NAMES) {
    const [member] = clusters[name]
    await fill(member, 'page/', 2000)
    // The compilers warm up.
    for (const call of [put, update, rangeOne, page]) {
      await load({ members: [member], ...call, clients: 64, calls: call === page ? 300 : 3000 })
    }
    before[name] = await member.revision()
  }
  await compareLoads('puts of 256 B, 1 client', clusters, { ...put, clients: 1, calls: 600 })
  await compareLoads('puts of 256 B, 64 clients', clusters, { ...put, clients: 64, calls: 8000 })
  await compareLoads('puts of 256 B, 256 clients', clusters, { ...put, clients: 256, calls: 8000 })
  await compareLoads('txns (compare, put), 64 clients', clusters, {
    ...update,
    clients: 64,
    calls: 8000,
  })
  for (const name of NAMES) {
    const written = (await clusters[name][0].revision()) - before[name]
    // gRPC's status is in a trailer, which the load does not look at.
    if (written !== ROUNDS * 24_600) throw new Error(`${name}: only ${written} were written`)
  }
  await compareLoads('ranges of one key, 1 client', clusters, {
    ...rangeOne,
    clients: 1,
    calls: 2000,
  })
  await compareLoads('ranges of one key, 64 clients', clusters, {
    ...rangeOne,
    clients: 64,
    calls: 10_000,
  })
  await compareLoads('pages of 500 keys, 16 clients', clusters, {
    ...page,
    clients: 16,
    calls: 600,
  })
  await watchFanOut(clusters)
  const memory = NAMES.map((name) => [clusters[name][0].residentMiB()])
  print('memory after all that', 'MiB', ...memory)
  await stopBoth(clusters)
}

/** 1,000 watches of one prefix on 10 connections, and what they cost the server. */
async function watchFanOut(clusters) {
  const create = WatchRequest.encode({
    createRequest: { key: 'registry/', rangeEnd: 'registry0' },
  })
  const results = await inTurns(async (name, round) => {
    const [member] = clusters[name]
    const plan = { connections: 10, watchesEach: 100, create }
    const watchers = await GrpcWatchers.open(member.url, plan)
    const [calls, last] = [200, `last-${round}`]
    const cpuBefore = member.cpuMs()
    const begin = performance.now()
    const all = watchers.seen(last)
    await load({ members: [member], ...put, clients: 1, calls })
    await member.ask('kv/put', { key: base64('registry/z'), value: base64(last) })
    await all
    const ms = performance.now() - begin
    const cpu = member.cpuMs() - cpuBefore
    watchers.close()
    const deliveries = (calls + 1) * plan.connections * plan.watchesEach
    return { rate: (deliveries * 1000) / ms, cpu: (cpu * 1000) / deliveries }
  })
  print('events to 1,000 watches', '/s', ...pick(results, 'rate'))
  print('  server CPU an event', 'µs', ...pick(results, 'cpu'))
}

async function threeMembers() {
  const clusters = await startBoth(3)
  for (const name of NAMES) {
    // All load goes to the leader.
    const members = clusters[name]
    const leaders = await Promise.all(members.map((member) => member.ask('maintenance/status', {})))
    const at = leaders.findIndex(({ header, leader }) => header.member_id === leader)
    clusters[name] = [members[at], ...members.filter((_, i) => i !== at)]
    await load({ members: clusters[name], ...put, clients: 64, calls: 3000 })
  }
  await compareLoads('3 members: puts, 1 client', clusters, { ...put, clients: 1, calls: 300 })
  await compareLoads('3 members: puts, 64 clients', clusters, { ...put, clients: 64, calls: 4000 })
  await stopBoth(clusters)
}

async function millionKeys() {
  const clusters = await startBoth()
  const timed = async (what, operation) => {
    const took = { ours: [], etcd: [] }
    for (const name of NAMES) {
      const begin = performance.now()
      await operation(clusters[name][0])
      took[name].push(performance.now() - begin)
    }
    print(what, 'ms', took.ours, took.etcd)
  }
  const all = { key: base64('page/'), rangeEnd: base64('page0') }
  await timed('1,000,000 keys: written', (member) => fill(member, 'page/', MILLION))
  await compareLoads('pages of 500 of them, 16 clients', clusters, {
    ...page,
    clients: 16,
    calls: 300,
  })
  await timed('all of them counted', (member) =>
    member.ask('kv/range', { ...all, countOnly: true }),
  )
  await compareLoads('puts beside them, 64 clients', clusters, { ...put, clients: 64, calls: 4000 })
  const memory = NAMES.map((name) => [clusters[name][0].residentMiB()])
  print('memory with them', 'MiB', ...memory)
  await timed('100,000 of them written again', (member) => fill(member, 'page/', 100_000))
  await timed('compaction', async (member) => {
    await member.ask('kv/compaction', { revision: await member.revision(), physical: true })
  })
  for (const name of NAMES) await clusters[name][0].stop()
  await timed('opened again', (member) => member.start())
  await stopBoth(clusters)
}

const load1 = () => loadavg()[0].toFixed(1)
console.log(`${cpus().length} cores, load average ${load1()}, Node ${process.versions.node}`)
console.log(`${'medians'.padEnd(44)}${'ours'.padStart(10)}${'etcd'.padStart(10)}`)
await timeToReady()
await oneMember()
await threeMembers()
if (flag('million')) await millionKeys()
console.log(`load average at the end ${load1()}`)
